/**
 * Why the limits are not exact for the whole cluster. Health, a metric label and the operator's condition use these
 * reasons.
 */
export const ledgerReasons = {
  connecting: "Redis has not been reached yet",
  unreachable: "Redis cannot be reached",
  timeout: "Redis does not answer in time",
  "out-of-memory": "Redis refuses writes because its memory is full",
  "no-permission": "Redis refuses the gateway's user, password or commands",
  "disk-error": "Redis refuses writes because it cannot save to disk",
  "too-few-replicas": "Redis refuses writes because it has too few replicas",
  "read-only": "Redis refuses writes because it is a replica",
  error: "Redis refuses the gateway's commands",
} as const;

export type LedgerReason = keyof typeof ledgerReasons;

const byText: readonly [RegExp, LedgerReason][] = [
  [/\bOOM\b/, "out-of-memory"],
  // If a command inside a script is not permitted, Redis answers with ERR and not with NOPERM.
  [/\b(NOPERM|NOAUTH|WRONGPASS)\b|The user executing the script can't/, "no-permission"],
  [/\bMISCONF\b/, "disk-error"],
  [/\bNOREPLICAS\b/, "too-few-replicas"],
  [/\b(READONLY|MASTERDOWN)\b/, "read-only"],
  [/^no answer within\b/, "timeout"],
  // Just after a reconnect, Redis can answer BUSY or LOADING before any script runs, so the text does not name a
  // script.
  [/\bfailed: |\banswered with something else\b|\b(BUSY|LOADING|CLUSTERDOWN|TRYAGAIN) /, "error"],
];

export function ledgerReasonOf(text: string): LedgerReason {
  if (text === "connecting") return "connecting";
  return byText.find(([form]) => form.test(text))?.[1] ?? "unreachable";
}

/** Turns an error message of Redis or of the network into one sentence. */
export function ledgerMessage(text: string): string {
  const reason = ledgerReasonOf(text);
  return reason === "connecting" ? ledgerReasons[reason] : `${ledgerReasons[reason]}: ${text}`;
}
