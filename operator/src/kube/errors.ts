/** The API server answered, and refused. `message` is its own; `reason` is its machine-readable word ("AlreadyExists"). */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly reason: string;
  /** From Retry-After or status.details.retryAfterSeconds. */
  readonly retryAfterMs: number | undefined;
  /** Causes as the server lists them: field paths with messages. */
  readonly causes: readonly { field?: string; message?: string; reason?: string }[];

  constructor(
    message: string,
    fields: {
      status: number;
      reason: string;
      retryAfterMs?: number;
      causes?: readonly { field?: string; message?: string; reason?: string }[];
    },
  ) {
    super(message);
    this.status = fields.status;
    this.reason = fields.reason;
    this.retryAfterMs = fields.retryAfterMs;
    this.causes = fields.causes ?? [];
  }
}

/** No answer, or none that can be understood: whether the request took effect is not known. */
export class ConnectionError extends Error {
  override name = "ConnectionError";
}
