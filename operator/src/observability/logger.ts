import { pino, type Logger } from "pino";

export type OperatorLogger = Logger;

/** JSON lines on stdout: constant messages, what varies in fields. Secrets are never given to it. */
export function makeLogger(level: string, identity: string): OperatorLogger {
  return pino({ level, base: { operator: identity }, timestamp: pino.stdTimeFunctions.isoTime });
}
