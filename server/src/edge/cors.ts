import type { IncomingMessage, ServerResponse } from "node:http";
import { isOriginAllowed } from "../protocol/origins.ts";

/** Seconds for which a browser caches the answer to a preflight. */
const PREFLIGHT_SECONDS = "600";

/** Headers that let a page of an allowed origin read the answer; none for other pages. */
export function corsHeaders({ headers }: IncomingMessage, origins: readonly string[]): Record<string, string> {
  const { origin, host } = headers;
  // Always set this header: a cache must not serve one origin's answer to another origin.
  if (origin === undefined || !isOriginAllowed(origin, origins, host)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "retry-after",
  };
}

/** Answers a browser's preflight request, whatever the answer to the request itself will be. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  const wanted = request.headers["access-control-request-headers"];
  response.writeHead(204, {
    ...corsHeaders(request, origins),
    "access-control-allow-methods": "GET, POST",
    ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted }),
    "access-control-max-age": PREFLIGHT_SECONDS,
  });
  response.end();
}
