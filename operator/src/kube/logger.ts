/**
 * The logger that this folder needs; pino's has this shape. Messages are constant, and variable data is in the fields.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
