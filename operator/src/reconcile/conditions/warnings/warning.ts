import type { Facts } from "../../facts/facts.ts";

/** Checks a valid spec for one risk. Returns undefined when the risk does not exist. */
export type Warning = (facts: Facts) => { reason: string; message: string } | undefined;
