export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
/** How log entries name their level: by pino's numbers (30), or by words (info), which Loki and Datadog expect. */
export const logFormats = ["numbers", "words"] as const;
export type LogFormat = (typeof logFormats)[number];
export type LogLevel = (typeof logLevels)[number];
