import type { Findings } from "./findings.ts";

/** A condition without its times. `reason` is for programs, `message` for the person on call. */
export interface Verdict {
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
}

export type ConditionFunction = (findings: Findings) => Verdict;

export function yes(reason: string, message: string): Verdict {
  return { status: "True", reason, message };
}

export function no(reason: string, message: string): Verdict {
  return { status: "False", reason, message };
}

export function unknown(reason: string, message: string): Verdict {
  return { status: "Unknown", reason, message };
}
