import { pino, type Logger } from "pino";

export type OperatorLogger = Logger;

/** Logs JSON lines to stdout. Messages are constant; variable data is in fields. Never log Secrets. */
export function makeLogger(level: string, identity: string): OperatorLogger {
  return pino({ level, base: { operator: identity }, timestamp: pino.stdTimeFunctions.isoTime });
}
