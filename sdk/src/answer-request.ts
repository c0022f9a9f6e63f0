import { UnknownRequest, VERSION, type App } from "./app.ts";
import type { HandlerRequest } from "./messages.ts";
import { verifier } from "./signature.ts";

export interface AdapterOptions {
  /** The gateway's HANDLER_SECRET. During a rotation both the new and the old one: requests of either are accepted. */
  secret: string | readonly string[];
  /** The most seconds between the time in a signature and now. Default: 300. */
  windowSeconds?: number;
  /** Larger requests are refused. Default: 4 MiB. */
  maxBodyBytes?: number;
  /** Gets what a handler threw, and why a request was not accepted. Default: console.error. */
  onError?: (error: unknown) => void;
  /** The clock in milliseconds. Default: Date.now. */
  nowMs?: () => number;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A request that is answered with a status other than 200. The gateway treats it as a failure. */
export class Unacceptable extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "Unacceptable";
    this.status = status;
  }
}

export const SIGNATURE_HEADER = "x-realtime-signature";
const LEAST_SECRET_BYTES = 32;
const DEFAULT_WINDOW_SECONDS = 300;
/** A message of 1 MiB, twice as long with JSON escapes, and room for claims and rooms. */
const DEFAULT_BODY_BYTES = 4_194_304;

export interface Answerer {
  maxBodyBytes: number;
  /** Never rejects. */
  reply(
    method: string | undefined,
    signature: string | null | undefined,
    read: () => Promise<Uint8Array>,
  ): Promise<Reply>;
}

/** What the adapters share: checks a request, calls the handler, and turns every problem into a status. */
export function answererOf(app: App, options: AdapterOptions): Answerer {
  const { windowSeconds = DEFAULT_WINDOW_SECONDS, maxBodyBytes = DEFAULT_BODY_BYTES } = options;
  const { onError = (error: unknown) => console.error(error), nowMs = Date.now } = options;
  const isSigned = verifier({ secrets: secretsIn(options), windowSeconds, nowMs });

  const answered: Answerer["reply"] = async (method, signature, read) => {
    if (method !== "POST") throw new Unacceptable(405, "this address takes requests of a gateway: POST");
    const body = await read();
    if (!(await isSigned(signature, body)))
      throw new Unacceptable(401, "X-Realtime-Signature is missing, too old, or of another secret");
    const answer = await app.answer(requestIn(body));
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
  };
  return {
    maxBodyBytes,
    reply: (...given) =>
      answered(...given).catch((error: unknown) => {
        onError(error);
        return replyTo(error);
      }),
  };
}

function secretsIn({ secret }: AdapterOptions): readonly string[] {
  const secrets = typeof secret === "string" ? [secret] : (secret ?? []);
  const isUsable = (one: unknown): boolean =>
    typeof one === "string" && new TextEncoder().encode(one).length >= LEAST_SECRET_BYTES;
  if (secrets.length > 0 && secrets.every(isUsable)) return secrets;
  throw new TypeError(
    `secret must have at least ${LEAST_SECRET_BYTES} bytes: use the HANDLER_SECRET of the gateways (openssl rand -hex 32)`,
  );
}

function requestIn(body: Uint8Array): HandlerRequest {
  let request: HandlerRequest;
  try {
    request = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as HandlerRequest;
  } catch {
    throw new Unacceptable(400, "the body is not JSON");
  }
  if (request?.version !== VERSION)
    throw new Unacceptable(
      400,
      `the request has version ${String(request?.version)}, and this package knows ${VERSION}`,
    );
  return request;
}

/** What a handler threw stays here: it may hold secrets. */
function replyTo(error: unknown): Reply {
  if (error instanceof UnknownRequest) return problem(404, error.message);
  if (!(error instanceof Unacceptable)) return problem(500, "the handler failed");
  const { status, message } = error;
  const reply = problem(status, message);
  return status === 405 ? { ...reply, headers: { ...reply.headers, allow: "POST" } } : reply;
}

function problem(status: number, message: string): Reply {
  return { status, headers: { "content-type": "application/problem+json" }, body: JSON.stringify({ title: message }) };
}
