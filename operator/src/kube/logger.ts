/** The part of pino's logger that this folder uses. Messages are constant, and variable data is in the fields. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
