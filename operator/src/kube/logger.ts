/** The logger this folder needs; pino's fits. Messages are constant, variable data is in the fields. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
