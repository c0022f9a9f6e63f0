import {
  createStackParser,
  createTransport,
  linkedErrorsIntegration,
  Scope,
  type BaseTransportOptions,
  type Transport,
} from "@sentry/core";
import { nodeStackLineParser, ServerRuntimeClient } from "@sentry/core/server";
import { takeTokens, type TokenBucket } from "../ledger/token-bucket.ts";
import { redactedError } from "./redacted-error.ts";
import { within } from "./within.ts";

/** Burst and rate per second of reports, so that a bug in a frequent handler does not cause much load. */
const BURST = 20;
const PER_SECOND = 1 / 6;
/** Maximum number of reports being sent; further ones are dropped. A burst and the last report fit. */
const MAX_IN_FLIGHT = 32;
const SEND_TIMEOUT_MS = 10_000;

export interface ErrorTracking {
  /** `where` is the log message, a constant in the code. A fatal report is always sent, because it is the last one. */
  report: (error: unknown, where: string, level: "error" | "fatal") => void;
  /** Resolves when all reports are sent, or after this time. */
  flush(withinMs: number): Promise<void>;
}

export interface ErrorTrackingOptions {
  dsn: string;
  nodeId: string;
  release: string;
  environment: string;
  nowMs: () => number;
  onLost: (count: number, reason: string) => void;
}

/**
 * Sends unexpected errors to the DSN with the core of Sentry's SDK. Its Node layer patches http and reads requests, and
 * nothing of a request may be sent. Imported only when a DSN is set.
 */
export function startErrorTracking({
  dsn,
  nodeId,
  release,
  environment,
  nowMs,
  onLost,
}: ErrorTrackingOptions): ErrorTracking {
  const client = new ServerRuntimeClient({
    ...{ dsn, release, environment },
    platform: "node",
    runtime: { name: "node", version: process.version },
    serverName: nodeId,
    stackParser: createStackParser(nodeStackLineParser()),
    integrations: [linkedErrorsIntegration()],
    traceLifecycle: "static",
    sendClientReports: false,
    dataCollection: { userInfo: false },
    transport: (options) => transport(options, onLost),
  });
  client.init();
  let bucket: TokenBucket | undefined;
  let unsent = 0;
  return {
    report(error, where, level) {
      const answer = takeTokens(bucket, PER_SECOND, BURST, { nowMs: nowMs(), wanted: 1 });
      bucket = answer.bucket;
      if (answer.granted === 0 && level !== "fatal") {
        unsent += 1;
        return;
      }
      const scope = new Scope();
      scope.setLevel(level);
      scope.setTag("where", where);
      if (unsent > 0) scope.setExtra("notSentBefore", unsent);
      unsent = 0;
      client.captureException(redactedError(error), {}, scope);
    },
    flush: (withinMs) => within(withinMs, Promise.resolve(client.flush(withinMs))),
  };
}

function transport(
  options: BaseTransportOptions & { headers?: Record<string, string> },
  onLost: ErrorTrackingOptions["onLost"],
): Transport {
  return createTransport({ ...options, bufferSize: MAX_IN_FLIGHT }, async ({ body }) => {
    try {
      const response = await fetch(options.url, {
        method: "POST",
        // A redirect would send the report to a host that nobody configured.
        redirect: "error",
        headers: options.headers ?? {},
        body: Buffer.from(body),
        signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) onLost(1, `answered with ${response.status}`);
      const { status: statusCode, headers } = response;
      return {
        statusCode,
        headers: {
          "x-sentry-rate-limits": headers.get("x-sentry-rate-limits"),
          "retry-after": headers.get("retry-after"),
        },
      };
    } catch (error) {
      onLost(1, reasonOf(error));
      throw error;
    }
  });
}

// fetch only says "fetch failed"; the reason is in its cause.
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : (name ?? "unknown");
}
