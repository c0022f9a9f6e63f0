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

/** Reports at once, and then per second: a bug in a hot handler must not become load for anybody. */
const BURST = 20;
const PER_SECOND = 1 / 6;
/** Reports on their way; more are dropped. A burst and the last one fit. */
const MAX_IN_FLIGHT = 32;
const SEND_TIMEOUT_MS = 10_000;

export interface ErrorTracking {
  /** `where` is the log's message: a constant of the code. A fatal one is always sent, for it is the last. */
  report: (error: unknown, where: string, level: "error" | "fatal") => void;
  /** Until all is sent, at most this long. */
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
 * Unexpected errors, sent to where the DSN says. The core of Sentry's SDK without its Node layer: that one patches http
 * and reads requests, and here nothing of a request may be sent. This file is imported only when a DSN is set.
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
        // Followed elsewhere, a report would go where nobody has said that it may.
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

// fetch says "fetch failed"; why is in its cause.
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : (name ?? "unknown");
}
