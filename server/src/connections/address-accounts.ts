import type { GatewayDeps } from "../deps.ts";
import { givesHandshakeBack } from "../protocol/close-reasons.ts";
import type { Connection } from "./connection.ts";

/**
 * When a connection had its seat for this long, its handshake is taken off the count of its IP address: networks fail
 * and users reload pages.
 */
const PROVEN_MS = 10_000;
const NOTE_EVERY_MS = 5_000;

type Deps = Pick<GatewayDeps, "ledger" | "logger" | "nowMs">;

/**
 * Decides about the handshake of an ended connection: it is added to the count of the IP address, taken off this count,
 * or stays counted.
 */
export function settleAddress(connection: Connection, { ledger, logger, nowMs }: Deps): void {
  const { address, addressAnswer, closeReason, seatedAtMs } = connection;
  const failed = (error: unknown): void =>
    logger.error({ err: error }, "handshake count of an address could not be corrected");
  if (addressAnswer === undefined) {
    // The client asked for no namespace, so its handshake is not counted yet. Without counting it, an attacker could
    // occupy the places of pending connections forever.
    const isOurs = closeReason !== undefined && givesHandshakeBack(closeReason);
    if (!isOurs) void Promise.resolve(ledger.admitAddress(address)).catch(failed);
    return;
  }
  const isProven = seatedAtMs !== undefined && nowMs() - seatedAtMs >= PROVEN_MS;
  const isFree = isProven || (closeReason !== undefined && givesHandshakeBack(closeReason));
  if (!isFree) return;
  const giveBack = async (): Promise<void> => {
    if ((await addressAnswer).allowed) await ledger.creditAddress(address);
  };
  void giveBack().catch(failed);
}

/**
 * Reports periodically how many seats each IP address has on this gateway. If this gateway dies, the ledger needs these
 * numbers for the clients that reconnect elsewhere.
 */
export function startNotingAddresses(
  connections: ReadonlyMap<string, Connection>,
  { ledger, logger }: Deps,
): { stop(): void } {
  const note = (): void => {
    const seats = new Map<string, number>();
    for (const { address, isSeated } of connections.values())
      if (isSeated) seats.set(address, (seats.get(address) ?? 0) + 1);
    ledger
      .noteAddresses(seats)
      .catch((error: unknown) =>
        logger.error({ err: error }, "numbers of seats per address could not be stored in the ledger"),
      );
  };
  const timer = setInterval(note, NOTE_EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}
