/** The API server's refusal. `message` and the machine-readable `reason` ("AlreadyExists") are the server's own. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly reason: string;
  /** The wait that the server asks for, in Retry-After or status.details.retryAfterSeconds. */
  readonly retryAfterMs: number | undefined;
  /** Field paths with messages, in the server's order. */
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

/** There was no response, or none that could be parsed. The request may have taken effect. */
export class ConnectionError extends Error {
  override name = "ConnectionError";
}
