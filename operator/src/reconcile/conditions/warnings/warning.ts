import type { Facts } from "../../facts/facts.ts";

/** Something valid but risky, or undefined. */
export type Warning = (facts: Facts) => { reason: string; message: string } | undefined;
