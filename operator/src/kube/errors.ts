/** The API server refused. `message` and the machine-readable `reason` ("AlreadyExists") are its own. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly reason: string;
  /** From Retry-After or status.details.retryAfterSeconds. */
  readonly retryAfterMs: number | undefined;
  /** Field paths with messages, as the server lists them. */
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

/** No response, or none that could be parsed: the request may have taken effect. */
export class ConnectionError extends Error {
  override name = "ConnectionError";
}
