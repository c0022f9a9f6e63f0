import type { GatewayDeps } from "../deps.ts";
import type { Connection } from "./connection.ts";

const EVERY_MS = 30_000;

/**
 * Tells the ledger which seats this gateway really has, periodically and on request. The ledger corrects its counts.
 */
export function startSeatSweep(
  connections: ReadonlyMap<string, Connection>,
  { ledger, metrics, logger }: Pick<GatewayDeps, "ledger" | "metrics" | "logger">,
): { sweep(): Promise<{ corrected: number }>; stop(): void } {
  const sweep = async (): Promise<{ corrected: number }> => {
    const seats = [...connections.values()].flatMap(({ seat }) => seat ?? []);
    const swept = await ledger.sweep({ seats });
    metrics.sweepCorrections.inc(swept.corrected);
    return swept;
  };
  const failed = (error: unknown): void => logger.warn({ err: error }, "check of the ledger's seats failed");
  const timer = setInterval(() => void sweep().catch(failed), EVERY_MS).unref();
  return { sweep, stop: () => clearInterval(timer) };
}
