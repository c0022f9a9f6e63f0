import { pino, type Logger } from "pino";

export type OperatorLogger = Logger;

/**
 * Writes JSON lines to stdout. Messages are constant, and variable data is in fields. Never log the values of Secrets.
 */
export function makeLogger(level: string, identity: string): OperatorLogger {
  return pino({ level, base: { operator: identity }, timestamp: pino.stdTimeFunctions.isoTime });
}
