import type { Facts } from "../../facts/facts.ts";

/** A function that checks a valid spec for one risk. It returns undefined when the spec does not have this risk. */
export type Warning = (facts: Facts) => { reason: string; message: string } | undefined;
