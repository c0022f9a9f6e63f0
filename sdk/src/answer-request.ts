import { UnknownRequest, VERSION, type App } from "./app.ts";
import type { HandlerRequest } from "./messages.ts";
import { verifier } from "./signature.ts";

export interface AdapterOptions {
  /**
   * The HANDLER_SECRET of the gateways, which signs their requests. While you rotate it, give the old and the new
   * secret: requests that are signed with either are accepted.
   */
  secret: string | readonly string[];
  /** How many seconds the time in a signature may differ from the current time. Default: 300. */
  windowSeconds?: number;
  /** The largest request body in bytes. Larger requests are refused. Default: 4 MiB. */
  maxBodyBytes?: number;
  /**
   * Called with every error that a handler throws, and with the reason for every refused request. Default:
   * console.error.
   */
  onError?: (error: unknown) => void;
  /** Returns the current time in milliseconds. Default: Date.now. */
  nowMs?: () => number;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * The error for a request that gets a status other than 200. The gateway treats such an answer as a failure of the
 * handler.
 */
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
/** Enough for a message of 1 MiB whose length JSON escapes double, and for the client's claims and rooms. */
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

/**
 * The part that all adapters share. It checks a request, calls the handler, and answers every problem with an HTTP
 * status.
 */
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

/**
 * The answer to a failed request. It does not contain the error that a handler threw, because the error may contain
 * secrets.
 */
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
