import { pino } from "pino";
import type { Logger as PinoLogger } from "pino";
import type { LogLevel } from "../config.ts";

export type Logger = PinoLogger;

/** JSON lines on stdout; each entry has the node's id. Tokens, payloads and addresses' cookies never get here. */
export function makeLogger(level: LogLevel, nodeId: string): Logger {
  return pino({ level, base: { node: nodeId }, timestamp: pino.stdTimeFunctions.isoTime });
}
