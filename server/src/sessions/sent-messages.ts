import type { GatewayDeps } from "../deps.ts";
import type { IdempotencyKeys } from "../ledger/ledger.ts";
import { Expiring } from "../ledger/memory/expiring.ts";
import type { RecoveryLog } from "../recovery/recovery-log.ts";

/** Recognizes messages with a key that were sent before. Such a message's id is computed from its key. */
export interface SentMessages {
  /** Whether the message was sent before. If not, it counts as sent from now on: the caller sends it. */
  isRepetition(id: string): boolean | Promise<boolean>;
  /** Whether Redis has the message; undefined when recovery is off. */
  isStored(id: string): Promise<boolean> | undefined;
}

export function sentMessages({
  recovery,
  ledger,
  nowMs,
}: Pick<GatewayDeps, "recovery" | "ledger" | "nowMs">): SentMessages {
  const { log } = recovery;
  const [inLog, inLedger] = [sentInLog(log), sentInLedger(ledger, nowMs)];
  const current = (): SentMessages => (log.isOn ? inLog : inLedger);
  return { isRepetition: (id) => current().isRepetition(id), isStored: (id) => current().isStored(id) };
}

/** Uses the log. The caller sends a new message in this turn, which puts the message into the log. */
function sentInLog(log: RecoveryLog): SentMessages {
  return { isRepetition: (id) => log.has(id), isStored: (id) => log.isStored(id) };
}

/** Without recovery: how long the ledger and this gateway remember a message. */
const REMEMBERED_MS = 120_000;
/** Maximum number of messages that one gateway remembers. */
const MOST_REMEMBERED = 20_000;

/**
 * Works without a log. While the ledger is not exact, this gateway recognizes only messages that were sent to itself.
 */
function sentInLedger(ledger: IdempotencyKeys, nowMs: () => number): SentMessages {
  const sentHere = new Expiring<true>(MOST_REMEMBERED);
  return {
    isRepetition(id) {
      const now = nowMs();
      if (!sentHere.add(id, true, now + REMEMBERED_MS, now)) return true;
      return ledger.claimMessage(id, REMEMBERED_MS).then((claim) => claim === "used");
    },
    isStored: () => undefined,
  };
}
