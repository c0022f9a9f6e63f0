import { ApiError } from "../errors.ts";

/**
 * The `Status` object with which an API server refuses a request. Its fields may have any type, because a proxy may
 * have written it.
 */
interface Status {
  kind?: unknown;
  message?: unknown;
  reason?: unknown;
  details?: { retryAfterSeconds?: unknown; causes?: { field?: string; message?: string; reason?: string }[] };
}

/**
 * The reason that Kubernetes uses for each HTTP status. It is needed for a response that is not a Status object, such
 * as the error page of a load balancer.
 */
const reasons: Record<number, string> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  410: "Gone",
  413: "RequestEntityTooLarge",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** The longest Retry-After that is accepted. A wrong value could otherwise delay requests for years. */
const MAX_RETRY_AFTER_SECONDS = 300;

/** The error for a response with a status other than 2xx. The body is a Status object, or a page from a proxy. */
export function apiErrorOf(status: number, retryAfter: string | undefined, body: string): ApiError {
  const refusal = parse(body);
  const details = refusal.details;
  const seconds = wholeSeconds(retryAfter) ?? wholeSeconds(details?.retryAfterSeconds);
  return new ApiError(text(refusal.message) ?? `HTTP ${status}: ${body.slice(0, 200).trim() || "no reason given"}`, {
    status,
    reason: text(refusal.reason) ?? reasons[status] ?? "Unknown",
    ...(seconds === undefined ? {} : { retryAfterMs: Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000 }),
    causes: Array.isArray(details?.causes)
      ? details.causes.filter((cause: unknown) => typeof cause === "object" && cause !== null)
      : [],
  });
}

function parse(body: string): Status {
  try {
    const parsed = JSON.parse(body) as Status | null;
    return parsed !== null && parsed.kind === "Status" ? parsed : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * A Retry-After in seconds; API servers never send it as a date. Undefined when it is missing or not a positive whole
 * number.
 */
function wholeSeconds(value: unknown): number | undefined {
  const seconds = Number(value ?? NaN);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}
