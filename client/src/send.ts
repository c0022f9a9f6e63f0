import type { Socket } from "socket.io-client";
import { ask, type Answer } from "./ask.ts";
import { backoffMs } from "./backoff.ts";
import { refusalIn, type Refusal, type RefusalCode } from "./refusal.ts";

export interface SendOptions {
  /**
   * Send the message only if that is possible now, and do not repeat it. Members that cannot receive it at once do not
   * get it. For cursors and typing. Default: false.
   */
  volatile?: boolean;
  /** After this many milliseconds without an ack, the result is TIMEOUT. Default: 30,000. */
  timeoutMs?: number;
}

export type SendResult = { ok: true; id: string } | ({ ok: false } & Refusal);

export interface SendDeps {
  socket: Socket;
  membership: { name: string; isUsable: boolean; joined(signal: AbortSignal): Promise<void> };
  /** Whether the gateway accepts this optional field of send_message. */
  knows: (field: "key" | "volatile") => boolean;
  random: () => number;
  /** Aborts when the handle on the room is released. */
  released: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Sends a message until the gateway answers or the deadline passes. If the connection ends before the answer, the
 * client sends it again only if the message has a key, by which gateways recognize a repeated message. So it is
 * delivered once.
 */
export async function sendWithRetries(deps: SendDeps, message: unknown, options: SendOptions): Promise<SendResult> {
  const { socket, membership, random, released } = deps;
  const isVolatile = options.volatile === true;
  const endMs = Date.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const leftMs = (): number => endMs - Date.now();
  const key = newKey(random);
  for (let attempt = 0; ; attempt += 1) {
    if (isVolatile && !membership.isUsable) return refused("NOT_IN_ROOM", "the client is not in the room");
    const signal = AbortSignal.any([released, AbortSignal.timeout(Math.max(0, leftMs()))]);
    await membership.joined(signal);
    if (released.aborted) return refused("CLOSED", "the room was released");
    if (leftMs() <= 0) return refused("TIMEOUT", "the client is not in the room");
    const extra = extraFields(deps, isVolatile, key);
    const answer = await ask(socket, leftMs(), "send_message", { room: membership.name, message, ...extra });
    const next = outcomeOf(answer, !isVolatile && (answer !== undefined || "key" in extra), leftMs());
    if ("result" in next) return next.result;
    await pause(backoffMs(attempt, random, next.waitMs), signal);
  }
}

/** The optional fields of send_message that this gateway accepts. */
function extraFields({ knows }: SendDeps, isVolatile: boolean, key: string): object {
  const field = isVolatile ? "volatile" : "key";
  return knows(field) ? { [field]: isVolatile || key } : {};
}

/** The final result, or the shortest time to wait before the message is sent again. */
function outcomeOf(
  answer: Answer | undefined,
  mayRepeat: boolean,
  leftMs: number,
): { result: SendResult } | { waitMs: number } {
  if (answer === undefined) {
    if (mayRepeat && leftMs > 0) return { waitMs: 0 };
    return { result: refused(mayRepeat ? "TIMEOUT" : "OUTCOME_UNKNOWN", "no answer came") };
  }
  const refusal = refusalIn(answer);
  if (refusal === undefined) return { result: { ok: true, id: String(answer["id"]) } };
  const waitMs = (refusal.retryAfter ?? 0) * 1_000;
  const mayPass = PASSING.has(refusal.code) && waitMs < leftMs;
  return mayRepeat && mayPass ? { waitMs } : { result: { ok: false, ...refusal } };
}

/** After these refusals of a message, the client sends it again. NOT_IN_ROOM can happen shortly after a reconnect. */
const PASSING: ReadonlySet<string> = new Set(["RATE_LIMIT_EXCEEDED", "NOT_IN_ROOM", "INTERNAL", "DRAINING"]);

function refused(code: RefusalCode, message: string): SendResult {
  return { ok: false, code, message };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/**
 * A key of 32 random characters for a new message. If a user sends a key a second time, the gateway does not deliver
 * that message.
 */
function newKey(random: () => number): string {
  return Array.from({ length: 32 }, () => Math.floor(random() * 36).toString(36)).join("");
}
