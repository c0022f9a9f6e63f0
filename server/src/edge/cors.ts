import type { IncomingMessage, ServerResponse } from "node:http";
import { isOriginAllowed } from "../protocol/origins.ts";

/** How many seconds a browser caches the answer to a preflight request. */
const PREFLIGHT_SECONDS = "600";

/** Headers that allow a page of an allowed origin to read the answer. Pages of other origins get only `vary`. */
export function corsHeaders({ headers }: IncomingMessage, origins: readonly string[]): Record<string, string> {
  const { origin, host } = headers;
  // Always set this header, so that a cache does not send the answer for one origin to another origin.
  if (origin === undefined || !isOriginAllowed(origin, origins, host)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "retry-after",
  };
}

/** Answers a browser's preflight request. It does not check whether the real request would be refused. */
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
