import type { Logger } from "../../observability/logger.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { onceAMinute } from "../../observability/once-a-minute.ts";
import type { Channel } from "../channel.ts";
import type { FailureReason } from "../failure.ts";
import { readAnswer } from "../handler-answer.ts";
import { requestOf, type HandlerRequest, type Outcome } from "../handler-request.ts";
import { MAX_ANSWER_BYTES } from "../http-exchange.ts";
import { WaitingRequests } from "../waiting-requests.ts";
import type { HandlersModule } from "./handlers-module.ts";
import { runInModule } from "./module-context.ts";

export interface ModuleChannelDeps {
  cluster: string;
  maxMessageBytes: () => number;
  metrics: Pick<Metrics, "handlers">;
  logger: Logger;
  nowMs: () => number;
}

/**
 * The settings of the module. They are the default settings of a listed handler. No listed handler can have this name,
 * because names in the list are in lower case.
 */
const ENTRY = { name: "HANDLERS_MODULE", onFailure: "Refuse", timeoutMilliseconds: 1_000 } as const;
const MAX_IN_FLIGHT = 64;
const PLACES = 1_024;
const MOST_WAIT_MS = 10_000;
/** A call that runs longer than this without an `await` is logged, because it delays all clients of this gateway. */
const BLOCKING_MS = 50;
/**
 * Maximum number of pairs of event and reason that are logged separately. All further ones are logged together by
 * reason.
 */
const MOST_LOGS = 1_000;

/** Calls the application's code in this process. The calls of each client keep their order. */
export class ModuleChannel implements Channel {
  readonly entry = ENTRY;
  readonly #module: HandlersModule;
  readonly #deps: ModuleChannelDeps;
  readonly #waiting = new WaitingRequests();
  readonly #logs = new Map<string, (count: number, detail: string) => void>();
  #write: (count: number) => void = () => undefined;
  #inFlight = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(module: HandlersModule, deps: ModuleChannelDeps) {
    this.#module = module;
    this.#deps = deps;
    deps.metrics.handlers.inFlight.set({ handler: ENTRY.name }, 0);
  }

  /** Resolves when the module has answered, or with a failure when its time is over. Never rejects. */
  async send(request: HandlerRequest): Promise<Outcome> {
    const startedAtMs = performance.now();
    const outcome = await new Promise<Outcome>((resolve) => this.#queue(request, resolve));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const result = "failure" in outcome ? outcome.failure.reason : outcome.answer.error === undefined ? "ok" : "error";
    this.#deps.metrics.handlers.seconds.observe({ handler: ENTRY.name, kind: request.kind, result }, seconds);
    return outcome;
  }

  /** Resolves when no call is waiting or running. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#waiting.count === 0) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  #queue(request: HandlerRequest, resolve: (outcome: Outcome) => void): void {
    const waiting = { request, sinceMs: this.#deps.nowMs(), resolve };
    if (!this.#waiting.add(request.orderKey ?? request, waiting, PLACES))
      return resolve(this.#failure(request, "busy", "too many events wait"));
    this.#callWaiting();
  }

  #callWaiting(): void {
    while (this.#inFlight < MAX_IN_FLIGHT) {
      const next = this.#waiting.next();
      if (next === undefined) break;
      const { request, sinceMs, resolve } = next.waiting;
      if (this.#deps.nowMs() - sinceMs > MOST_WAIT_MS) {
        next.done();
        resolve(this.#failure(request, "busy", `waited ${MOST_WAIT_MS} ms`));
      } else void this.#call(request, next.done).then(resolve);
    }
    if (this.#inFlight > 0 || this.#waiting.count > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async #call(request: HandlerRequest, done: () => void): Promise<Outcome> {
    const { inFlight } = this.#deps.metrics.handlers;
    inFlight.set({ handler: ENTRY.name }, (this.#inFlight += 1));
    try {
      return await this.#answer(request);
    } catch (error) {
      this.#log(request, "threw", (count) =>
        this.#deps.logger.error({ ...about(request), err: error, count }, "handler of the image failed"),
      );
      return { failure: { reason: "threw", detail: "" } };
    } finally {
      inFlight.set({ handler: ENTRY.name }, (this.#inFlight -= 1));
      done();
      this.#callWaiting();
    }
  }

  async #answer(request: HandlerRequest): Promise<Outcome> {
    const startedAtMs = performance.now();
    // Pass copies of the request and the answer, as over HTTP. So the module cannot change objects of the gateway, and
    // the gateway cannot change those of the module.
    const asked = requestOf(request, this.#deps.cluster);
    const answering = runInModule(() => this.#module.answer(asked));
    this.#measure(request, performance.now() - startedAtMs);
    const answer = await inTime(answering, ENTRY.timeoutMilliseconds);
    if (answer === LATE) return this.#failure(request, "timeout", `${ENTRY.timeoutMilliseconds} ms`);
    const text = JSON.stringify(answer);
    if (Buffer.byteLength(text) > MAX_ANSWER_BYTES)
      return this.#failure(request, "too_large", `more than ${MAX_ANSWER_BYTES} bytes`);
    const read = readAnswer(text, this.#deps.maxMessageBytes());
    return "problem" in read ? this.#failure(request, "invalid", read.problem) : { answer: read };
  }

  #measure(request: HandlerRequest, ms: number): void {
    if (ms < BLOCKING_MS) return;
    const milliseconds = Math.round(ms);
    this.#log(request, "blocked", (count) =>
      this.#deps.logger.warn({ ...about(request), milliseconds, count }, "handler of the image blocks all clients"),
    );
  }

  #failure(request: HandlerRequest, reason: FailureReason, detail: string): Outcome {
    this.#log(request, reason, (count) =>
      this.#deps.logger.warn({ ...about(request), reason, detail, count }, "handler request failed"),
    );
    return { failure: { reason, detail } };
  }

  /** Logs at most once a minute for each pair of event and reason. The log line has the newest details. */
  #log({ kind, event = kind }: HandlerRequest, reason: string, write: (count: number) => void): void {
    const own = `${event} ${reason}`;
    const key = this.#logs.has(own) || this.#logs.size < MOST_LOGS ? own : reason;
    let log = this.#logs.get(key);
    if (log === undefined) this.#logs.set(key, (log = onceAMinute(this.#deps.nowMs, (count) => this.#write(count))));
    this.#write = write;
    log(1, "");
  }
}

function about({ kind, event }: HandlerRequest): object {
  return { handler: ENTRY.name, kind, ...(event === undefined ? {} : { event }) };
}

const LATE = Symbol("late");

async function inTime<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  const late = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(() => late.resolve(LATE), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
