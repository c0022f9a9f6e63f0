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

/**
 * Limits of error reports: how many at once, and how many per second after that. So a bug in an often used handler
 * causes little load.
 */
const BURST = 20;
const PER_SECOND = 1 / 6;
/**
 * Maximum number of reports that are being sent. Further ones are dropped. It has space for BURST reports and the last
 * one.
 */
const MAX_IN_FLIGHT = 32;
const SEND_TIMEOUT_MS = 10_000;

export interface ErrorTracking {
  /**
   * `where` is the log message, which is constant in the code. A fatal error is always reported, because it is the last
   * one.
   */
  report: (error: unknown, where: string, level: "error" | "fatal") => void;
  /** Resolves when all reports are sent, or after `withinMs`. */
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
 * Sends unexpected errors to the Sentry project of the DSN. It uses only the core of Sentry's SDK: the SDK for Node
 * patches http and reads requests, and no data of a request may leave the gateway. This file is imported only if a DSN
 * is set.
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
        // After a redirect, the report would go to a host that nobody has configured.
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

// The message of fetch is only "fetch failed". The error's cause has the reason.
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : (name ?? "unknown");
}
