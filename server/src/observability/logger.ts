import { pino, type Logger as PinoLogger, type LoggerOptions } from "pino";
import type { LogFormat, LogLevel } from "./log-levels.ts";

export type Logger = PinoLogger;

/**
 * Maximum number of bytes that are queued while stdout is blocked. Further log entries are dropped, because logging
 * must neither block the gateway nor fill its memory.
 */
const MAX_WAITING_BYTES = 1_048_576;

/**
 * Called for each log entry of these levels that contains an error. Such an error is a bug or a broken machine, and
 * never a refusal.
 */
export type ReportError = (error: unknown, message: string, level: "error" | "fatal") => void;

/**
 * Makes a logger that writes lines of JSON with the gateway's id to stdout. Tokens, payloads and cookies are never
 * logged.
 */
export function makeLogger(
  { level, format }: { level: LogLevel; format: LogFormat },
  nodeId: string,
  report?: ReportError,
): { logger: Logger; flush: () => void } {
  const stdout = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES });
  const hooks = report === undefined ? {} : { hooks: { logMethod: reporting(report) } };
  const formatters = format === "words" ? { formatters: { level: (label: string) => ({ level: label }) } } : {};
  const base = { node: nodeId };
  return {
    logger: pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime, ...hooks, ...formatters }, stdout),
    flush: () => stdout.flushSync(),
  };
}

function reporting(report: ReportError): NonNullable<NonNullable<LoggerOptions["hooks"]>["logMethod"]> {
  const { error, fatal } = pino.levels.values as { error: number; fatal: number };
  return function (entry, write, level) {
    write.apply(this, entry);
    const [fields, message] = entry as unknown[];
    if (level < error || typeof fields !== "object" || fields === null || !("err" in fields)) return;
    report(fields.err, String(message), level >= fatal ? "fatal" : "error");
  };
}
