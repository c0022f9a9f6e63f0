/**
 * The API server has refused a request. `message` and `reason` (for example "AlreadyExists") are from the API server.
 */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly reason: string;
  /**
   * How long the server asks us to wait before the next request, from the header Retry-After or from
   * status.details.retryAfterSeconds.
   */
  readonly retryAfterMs: number | undefined;
  /** The wrong fields with one message each, in the server's order. */
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

/**
 * The request got no response, or one that could not be parsed. The API server may still have carried out the request.
 */
export class ConnectionError extends Error {
  override name = "ConnectionError";
}
