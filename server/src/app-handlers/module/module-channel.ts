import type { Logger } from "../../observability/logger.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { onceAMinute } from "../../observability/once-a-minute.ts";
import type { Channel } from "../channel.ts";
import { FailureRun, type HandlerState } from "../failure-run.ts";
import type { FailureReason } from "../failure.ts";
import { isOutOfBounds, readAnswer } from "../handler-answer.ts";
import { requestOf, type HandlerRequest, type Outcome } from "../handler-request.ts";
import type { Tracing } from "../../observability/tracing.ts";
import { MAX_ANSWER_BYTES } from "../http-exchange.ts";
import { JsonText } from "../../protocol/json-text.ts";
import { WaitingRequests } from "../waiting-requests.ts";
import type { HandlersModule } from "./handlers-module.ts";
import { Deadlines, LATE } from "./deadlines.ts";
import { runInModule } from "./module-context.ts";

export interface ModuleChannelDeps {
  cluster: string;
  maxMessageBytes: () => number;
  metrics: Pick<Metrics, "handlers">;
  logger: Logger;
  tracing: Tracing | undefined;
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
/** An ack of at most this many characters is not checked for its size, because it is below every limit. */
const MOST_SMALL = 65_536;
/**
 * Maximum number of pairs of event and reason that are logged separately. All further ones are logged together by
 * reason.
 */
const MOST_LOGS = 1_000;

interface Call {
  /** Must be called when the call has ended. The next call of the same client begins then. */
  done: () => void;
  startedAtMs: number;
}

/** Calls the application's code in this process. The calls of each client keep their order. */
export class ModuleChannel implements Channel {
  readonly entry = ENTRY;
  readonly #module: HandlersModule;
  readonly #deps: ModuleChannelDeps;
  readonly #failures = new FailureRun();
  readonly #waiting = new WaitingRequests();
  readonly #deadlines = new Deadlines(ENTRY.timeoutMilliseconds);
  readonly #logs = new Map<string, (count: number, detail: string) => void>();
  #write: (count: number) => void = () => undefined;
  #inFlight = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(module: HandlersModule, deps: ModuleChannelDeps) {
    this.#module = module;
    this.#deps = deps;
    deps.metrics.handlers.reportInFlight(ENTRY.name, () => this.#inFlight);
  }

  get state(): HandlerState {
    return { handler: ENTRY.name, breaker: "closed", ...this.#failures.report };
  }

  /** Resolves when the module has answered, or with a failure when its time is over. Never rejects. */
  send(request: HandlerRequest): Promise<Outcome> {
    const startedAtMs = performance.now();
    const key = request.orderKey ?? request;
    if (this.#inFlight < MAX_IN_FLIGHT && this.#waiting.isFree(key))
      return this.#call(request, request.payload, { done: this.#waiting.occupy(key), startedAtMs });
    return new Promise((resolve) => {
      const data = JSON.stringify(request.payload);
      request.payload = undefined;
      const waiting = { request, data, sinceMs: startedAtMs, resolve };
      if (!this.#waiting.add(key, waiting, PLACES))
        resolve(this.#counted(request, this.#failure(request, "busy", "too many events wait"), startedAtMs));
      this.#callWaiting();
    });
  }

  /** Resolves when no call is waiting or running. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#waiting.count === 0) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  #callWaiting(): void {
    while (this.#waiting.count > 0 && this.#inFlight < MAX_IN_FLIGHT) {
      const next = this.#waiting.next();
      if (next === undefined) break;
      const { request, data, sinceMs, resolve } = next.waiting;
      if (performance.now() - sinceMs > MOST_WAIT_MS) {
        next.done();
        resolve(this.#counted(request, this.#failure(request, "busy", `waited ${MOST_WAIT_MS} ms`), sinceMs));
      } else void this.#call(request, JSON.parse(data), { done: next.done, startedAtMs: sinceMs }).then(resolve);
    }
    if (this.#inFlight > 0 || this.#waiting.count > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async #call(request: HandlerRequest, payload: unknown, { done, startedAtMs }: Call): Promise<Outcome> {
    this.#inFlight += 1;
    let outcome: Outcome;
    try {
      const asked = requestOf(request, payload, this.#deps.cluster);
      const calledAtMs = performance.now();
      const answering = runInModule(() => this.#module.answer(asked));
      this.#measure(request, performance.now() - calledAtMs);
      outcome = await this.#traced(request, answering);
    } catch (error) {
      this.#log(request, "threw", (count) =>
        this.#deps.logger.error({ ...about(request), err: error, count }, "handler of the image failed"),
      );
      outcome = { failure: { reason: "threw", detail: "" } };
    }
    this.#inFlight -= 1;
    done();
    this.#callWaiting();
    return this.#counted(request, outcome, startedAtMs);
  }

  #traced(request: HandlerRequest, answering: Promise<unknown>): Promise<Outcome> {
    const outcome = this.#deadlines.limit(answering).then((answer) => this.#outcome(request, answer));
    return this.#deps.tracing?.handler({ name: ENTRY.name, kind: request.kind }, () => outcome) ?? outcome;
  }

  /**
   * Turns the module's answer into an outcome. Encodes it as JSON now, as over HTTP, because the module can change its
   * objects later.
   */
  #outcome(request: HandlerRequest, answer: unknown): Outcome {
    if (answer === LATE) return this.#failure(request, "timeout", `${ENTRY.timeoutMilliseconds} ms`);
    const ack = ackIn(answer);
    if (ack !== undefined) return { answer: { ack, error: undefined, commands: [] } };
    const text = JSON.stringify(answer);
    if (Buffer.byteLength(text) > MAX_ANSWER_BYTES)
      return this.#failure(request, "too_large", `more than ${MAX_ANSWER_BYTES} bytes`);
    const read = readAnswer(text, this.#deps.maxMessageBytes());
    return "problem" in read ? this.#failure(request, "invalid", read.problem) : { answer: read };
  }

  #counted({ kind }: HandlerRequest, outcome: Outcome, startedAtMs: number): Outcome {
    const result = "failure" in outcome ? outcome.failure.reason : outcome.answer.error === undefined ? "ok" : "error";
    this.#failures.record(outcome, this.#deps.nowMs());
    const seconds = (performance.now() - startedAtMs) / 1_000;
    this.#deps.metrics.handlers.seconds.observe({ handler: ENTRY.name, kind, result }, seconds);
    return outcome;
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

/**
 * The ack as JSON, if the answer has no other field and the ack is small. Most answers are like this, and need no
 * further check. Otherwise undefined.
 */
function ackIn(answer: unknown): JsonText | undefined {
  if (typeof answer !== "object" || answer === null || Object.getPrototypeOf(answer) !== Object.prototype)
    return undefined;
  for (const key in answer) if (key !== "ack") return undefined;
  const text = JSON.stringify((answer as { ack?: unknown }).ack) as string | undefined;
  return text === undefined || text.length > MOST_SMALL || isOutOfBounds(text) ? undefined : new JsonText(text);
}
