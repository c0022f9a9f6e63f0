import type { GatewayDeps } from "../deps.ts";
import { takeAccept } from "../edge/accept-rate.ts";
import type { Newcomer } from "../edge/public-listener.ts";
import { onceAMinute } from "../observability/once-a-minute.ts";
import { clientAddress, ignoresForwarded, readForwarded } from "../protocol/client-address.ts";
import { refuse, type Refusal } from "../protocol/refusals.ts";
import type { PendingConnections } from "./pending-connections.ts";
import type { UnlistedProxies } from "./unlisted-proxies.ts";

/**
 * Maximum number of handshakes that a gateway begins per second. One core completes fewer than this, so only a flood of
 * connections reaches the limit.
 */
const ACCEPTS_PER_SECOND = 4_000;
const RETRY_MS = 1_000;

export interface NewcomersOptions {
  deps: Pick<GatewayDeps, "config" | "ledger" | "live" | "logger" | "metrics" | "nowMs">;
  pending: PendingConnections;
  isDraining: () => boolean;
  unlistedProxies: Pick<UnlistedProxies, "note">;
}

/**
 * Makes the check that the public listener runs first for each new connection. It returns the refusal, which is sent
 * over HTTP, or undefined. Stock clients wait longer before each new attempt after an HTTP refusal.
 */
export function refusalOfNewcomers({
  deps,
  pending,
  isDraining,
  unlistedProxies,
}: NewcomersOptions): (newcomer: Newcomer) => Refusal | undefined {
  const { config, ledger, live, nowMs } = deps;
  const noteIgnored = ignoredForwarding(deps);
  let accepts = { tokens: 2 * ACCEPTS_PER_SECOND, atMs: nowMs() };
  return (newcomer) => {
    noteIgnored(newcomer);
    const { remoteAddress = "" } = newcomer.socket;
    unlistedProxies.note(readForwarded(remoteAddress, forwardedFor(newcomer), config.trustedProxies));
    if (isDraining()) return refuse("DRAINING", { retryAfterMs: RETRY_MS });
    if (!ledger.seatLikely()) return refuse("GLOBAL_LIMIT_EXCEEDED", { retryAfterMs: RETRY_MS });
    const address = addressOf(newcomer, config);
    const exhausted = ledger.addressRefusal(address);
    if (exhausted !== undefined) return refuse("ADDRESS_LIMIT_EXCEEDED", exhausted);
    // The ledger has not counted the handshakes of pending connections yet, so count them here.
    if (pending.of(address) >= live.limits.maxConnectionsPerAddress)
      return refuse("ADDRESS_LIMIT_EXCEEDED", { retryAfterMs: RETRY_MS });
    if (!pending.makeRoom(address))
      return refuse("GLOBAL_LIMIT_EXCEEDED", {
        message: "too many connections of this gateway have not entered a namespace yet",
        retryAfterMs: RETRY_MS,
      });
    const answer = takeAccept(accepts, ACCEPTS_PER_SECOND, nowMs());
    accepts = answer.bucket;
    if (answer.allowed) return undefined;
    return refuse("GLOBAL_LIMIT_EXCEEDED", {
      message: "too many clients connect to this gateway at the same time",
      retryAfterMs: RETRY_MS,
    });
  };
}

/** The IP address for which a client's handshakes are counted. */
export function addressOf(newcomer: Newcomer, { trustedProxies }: GatewayDeps["config"]): string {
  return clientAddress(newcomer.socket.remoteAddress ?? "", forwardedFor(newcomer), trustedProxies);
}

function forwardedFor({ headers }: Newcomer): string | undefined {
  // Node joins several X-Forwarded-For headers into one string.
  return headers["x-forwarded-for"] as string | undefined;
}

/**
 * Counts and logs peers that send X-Forwarded-For without being trusted proxies. All clients of such a proxy count as
 * one IP address.
 */
function ignoredForwarding({ config, logger, metrics, nowMs }: NewcomersOptions["deps"]): (newcomer: Newcomer) => void {
  const warn = onceAMinute(nowMs, (handshakes, peer) =>
    logger.warn({ handshakes, peer }, "x-forwarded-for ignored because the peer is not in TRUSTED_PROXIES"),
  );
  return (newcomer) => {
    const { remoteAddress = "" } = newcomer.socket;
    if (!ignoresForwarded(remoteAddress, forwardedFor(newcomer), config.trustedProxies)) return;
    metrics.forwardedIgnored.inc();
    warn(1, remoteAddress);
  };
}
