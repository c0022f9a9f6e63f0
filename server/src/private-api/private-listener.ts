import { timingSafeEqual, createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import helmet from "helmet";
import { contract } from "../contract.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { refuse, refusals, type Refusal } from "../protocol/refusals.ts";

export interface ApiRequest {
  /** The parsed JSON body. Undefined if the request has no body. */
  body: unknown;
  query: URLSearchParams;
  header: (name: string) => string | undefined;
}

/** An answer to a request. The body is sent as JSON unless it is a string. */
export interface ApiAnswer {
  status: number;
  body: unknown;
  contentType?: string;
  headers?: Record<string, string>;
}

export interface Route {
  method: "GET" | "PUT" | "POST";
  path: string;
  /**
   * open: probes and metrics, which contain no data of users. bearer: the request must contain the admin token.
   * publish: it must contain the admin token or the publish token.
   */
  access: "open" | "bearer" | "publish";
  handle(request: ApiRequest): ApiAnswer | Promise<ApiAnswer>;
}

export interface PrivateListenerOptions {
  routes: readonly Route[];
  /** Undefined: the gateway has no such token. */
  tokens: { admin: string | undefined; publish: string | undefined };
  /** Maximum number of bytes in the body of a request. Called for each request, because the limit can change. */
  maxBodyBytes: () => number;
  /** Called with the length of each request body. */
  onReceived: (bytes: number) => void;
  metrics: Metrics;
  logger: Logger;
}

/** Makes an answer from a refusal. The code of the refusal determines the HTTP status. */
export function refusedAnswer(refusal: Refusal): ApiAnswer {
  return { status: refusals[refusal.code].status, body: { ...refusal, error: refusal.message } };
}

interface Responded {
  /** The path of the route, as a label of the metric. */
  route: string;
  answer: ApiAnswer;
}

/**
 * The listener for the cluster's network. Web pages have no access. Each route that is not `open` needs a
 * token.
 */
export function privateListener(options: PrivateListenerOptions): HttpServer {
  const { metrics, tokens } = options;
  const secure = helmet();
  const digests = { admin: digestOf(tokens.admin), publish: digestOf(tokens.publish) };
  return createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 },
    (request, response) => {
      secure(request, response, () => {
        void respond(request, digests, options).then(({ route, answer }) => {
          metrics.apiRequests.inc({ route, status: String(answer.status) });
          write(response, answer);
        });
      });
    },
  );
}

function write(response: ServerResponse, { status, body, contentType, headers }: ApiAnswer): void {
  response.writeHead(status, {
    "content-type": contentType ?? (typeof body === "string" ? "text/plain" : "application/json"),
    "cache-control": "no-store",
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    ...(status === 413 ? { connection: "close" } : {}),
    ...headers,
  });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function respond(
  request: IncomingMessage,
  digests: Digests,
  options: PrivateListenerOptions,
): Promise<Responded> {
  const url = URL.parse(request.url ?? "/", "http://private");
  if (url === null) return { route: "none", answer: { status: 400, body: { error: "the path is not valid" } } };
  const here = options.routes.filter(({ path }) => path === url.pathname);
  // Handle HEAD as GET. Node leaves out the body of the answer.
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = here.find((one) => one.method === method);
  if (here.length === 0) return { route: "none", answer: { status: 404, body: { error: "not found" } } };
  const label = here[0]!.path;
  if (route === undefined) return { route: label, answer: methodNotAllowed(here) };
  const refused = route.access === "open" ? undefined : tokenRefusal(request, digests, route.access);
  if (refused !== undefined) return { route: label, answer: refusedAnswer(refused) };
  try {
    return { route: label, answer: await handled(route, request, url.searchParams, options) };
  } catch (error) {
    options.logger.error({ err: error, route: label }, "request to the private API failed");
    return { route: label, answer: refusedAnswer(refuse("INTERNAL")) };
  }
}

/** Reads the body of the request, then calls the route. */
async function handled(
  route: Route,
  request: IncomingMessage,
  query: URLSearchParams,
  { maxBodyBytes, onReceived }: PrivateListenerOptions,
): Promise<ApiAnswer> {
  const body = route.method === "GET" ? undefined : await read(request, maxBodyBytes());
  if (body instanceof Error) return refusedAnswer(refuse("MESSAGE_TOO_LARGE", { message: body.message }));
  onReceived(body?.length ?? 0);
  const parsed = parse(body);
  if (parsed instanceof Error) return refusedAnswer(refuse("INVALID_INPUT", { message: "the body is not JSON" }));
  const header = (name: string): string | undefined => request.headers[name] as string | undefined;
  return route.handle({ body: parsed, query, header });
}

function methodNotAllowed(routes: readonly Route[]): ApiAnswer {
  const methods = routes.map(({ method }) => method);
  return { status: 405, body: { error: `use ${methods.join(" or ")}` }, headers: { allow: methods.join(", ") } };
}

/** SHA-256 of each token. Undefined: the gateway has no such token. */
interface Digests {
  admin: Buffer | undefined;
  publish: Buffer | undefined;
}

/** Why the token of a request does not allow this route. Undefined if it does. */
function tokenRefusal(
  request: IncomingMessage,
  { admin, publish }: Digests,
  access: "bearer" | "publish",
): Refusal | undefined {
  const token = tokenOf(request);
  const mayPublish = isToken(token, publish);
  if (isToken(token, admin) || (mayPublish && access === "publish")) return undefined;
  if (mayPublish)
    return refuse("FORBIDDEN", { message: "the publish token allows only POST /api/publish: use the admin token" });
  const isOpen = admin !== undefined || (publish !== undefined && access === "publish");
  const message = isOpen
    ? "the bearer token is missing or wrong"
    : "this API is disabled: set ADMIN_TOKEN to enable it";
  return refuse("UNAUTHENTICATED", { message });
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  // The API server's pod proxy removes the Authorization header, so the token is also accepted in a header of its own.
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? headers[contract.adminTokenHeader];
  return typeof given === "string" ? given : undefined;
}

// Compare digests: they all have the same length, so the time of the comparison does not reveal the length of the
// token.
function isToken(given: string | undefined, wanted: Buffer | undefined): boolean {
  return given !== undefined && wanted !== undefined && timingSafeEqual(digest(given), wanted);
}

function digestOf(token: string | undefined): Buffer | undefined {
  return token === undefined ? undefined : digest(token);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function parse(text: string | undefined): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

async function read(request: IncomingMessage, mostBytes: number): Promise<string | Error> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // If reading stops early, the request must not be destroyed, because the answer uses the same TCP socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return new Error(`the body is larger than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
