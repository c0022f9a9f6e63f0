import { ApiError } from "../errors.ts";

/** The `Status` object that an API server refuses with, as far as it can be trusted to be one. */
interface Status {
  kind?: unknown;
  message?: unknown;
  reason?: unknown;
  details?: { retryAfterSeconds?: unknown; causes?: { field?: string; message?: string; reason?: string }[] };
}

/** Words for answers that are no Status, such as a load balancer's error page. Kubernetes' own where it has one. */
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

/** A Retry-After beyond this is not believed: whoever waits for it would be gone for years. */
const maxRetryAfterSeconds = 300;

/** Reads a refusal: an HTTP status, a Retry-After header and a body that is a Status, or a page of some proxy's. */
export function apiErrorOf(status: number, retryAfter: string | undefined, body: string): ApiError {
  const told = parse(body);
  const details = told.details;
  const seconds = wholeSeconds(retryAfter) ?? wholeSeconds(details?.retryAfterSeconds);
  return new ApiError(text(told.message) ?? `HTTP ${status}: ${body.slice(0, 200).trim() || "no reason given"}`, {
    status,
    reason: text(told.reason) ?? reasons[status] ?? "Unknown",
    ...(seconds === undefined ? {} : { retryAfterMs: Math.min(seconds, maxRetryAfterSeconds) * 1000 }),
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

/** Retry-After may be a date as well; API servers send seconds. 0 says nothing, and is what details carry when unset. */
function wholeSeconds(value: unknown): number | undefined {
  const seconds = Number(value ?? NaN);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}
