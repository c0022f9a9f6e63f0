import { pino, type DestinationStream, type Logger } from "pino";

export type OperatorLogger = Logger;

/** How entries name their level: pino's numbers (30), or words (info), which Loki and Datadog expect. */
export type LogFormat = "numbers" | "words";

/** Logs JSON lines to stdout. Messages are constant; variable data is in fields. Never log Secrets. */
export function makeLogger(
  level: string,
  identity: string,
  format: LogFormat = "numbers",
  destination: DestinationStream = pino.destination(1),
): OperatorLogger {
  const formatters = format === "words" ? { formatters: { level: (label: string) => ({ level: label }) } } : {};
  return pino(
    { level, base: { operator: identity }, timestamp: pino.stdTimeFunctions.isoTime, ...formatters },
    destination,
  );
}
