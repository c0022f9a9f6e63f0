import type { GatewayDeps } from "../deps.ts";
import type { IdempotencyKeys } from "../ledger/ledger.ts";
import { Expiring } from "../ledger/memory/expiring.ts";
import type { RecoveryLog } from "../recovery/recovery-log.ts";

/**
 * Recognizes a message with an idempotency key that was sent before. The id of such a message is computed from its key.
 */
export interface SentMessages {
  /** Whether the message was sent before. If it was not, it counts as sent from now on, and the caller must send it. */
  isRepetition(id: string): boolean | Promise<boolean>;
  /** Whether Redis has stored the message. Undefined when recovery is off. */
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

/**
 * With recovery: uses the message log. The caller must send a new message in the same turn of the event loop; sending
 * adds it to the log.
 */
function sentInLog(log: RecoveryLog): SentMessages {
  return { isRepetition: (id) => log.has(id), isStored: (id) => log.isStored(id) };
}

/** How long the ledger and this gateway remember a message when recovery is off. */
const REMEMBERED_MS = 120_000;
/** Maximum number of messages that one gateway remembers. */
const MOST_REMEMBERED = 20_000;

/**
 * Without recovery: uses the ledger. While the ledger cannot use Redis, this gateway recognizes only messages that
 * clients have sent to this gateway.
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
