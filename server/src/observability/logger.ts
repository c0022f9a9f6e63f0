import { pino } from "pino";
import type { Logger as PinoLogger } from "pino";
import type { LogLevel } from "../environment.ts";

export type Logger = PinoLogger;

/** Bytes of entries that stdout does not take; what comes then is dropped, for a log must not hold up or fill a gateway. */
const MAX_WAITING_BYTES = 1_048_576;

/** JSON lines on stdout; each entry has the node's id. Tokens, payloads and cookies never get here. */
export function makeLogger(level: LogLevel, nodeId: string): { logger: Logger; flush: () => void } {
  const stdout = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES });
  return { logger: pino({ level, base: { node: nodeId }, timestamp: pino.stdTimeFunctions.isoTime }, stdout), flush: () => stdout.flushSync() };
}
