import type { KeyObject } from "node:crypto";
import type { HandlerEntry } from "../live-config/handler-entries.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { onceAMinute } from "../observability/once-a-minute.ts";
import type { Tracing } from "../observability/tracing.ts";
import { CircuitBreaker, PROBE_EVERY_MS } from "./circuit-breaker.ts";
import { FailureRun, type HandlerState } from "./failure-run.ts";
import { isAway, type Failure, type FailureReason } from "./failure.ts";
import { readAnswer } from "./handler-answer.ts";
import { bodyOf, type HandlerRequest, type Outcome } from "./handler-request.ts";
import { HttpExchanges, type Exchanged } from "./http-exchange.ts";
import { SIGNATURE_HEADER, signatureOf } from "./signature.ts";
import { WaitingRequests } from "./waiting-requests.ts";

export interface ChannelDeps {
  /** Name of this RealtimeCluster, for handlers that serve several of them. */
  cluster: string;
  key: KeyObject;
  maxMessageBytes: () => number;
  metrics: Pick<Metrics, "handlers">;
  logger: Logger;
  tracing: Tracing | undefined;
  nowMs: () => number;
}

/** The queue has this many places for each request that is allowed to be in flight. */
const PLACES_PER_REQUEST = 16;
const LEAST_PLACES = 128;
/** A request is refused if it could not be sent within this time. */
const MOST_WAIT_MS = 10_000;
const EXPIRE_EVERY_MS = 500;
/**
 * While a handler is unavailable, a test request waits at most this long for a connection, because its client waits for
 * the answer.
 */
const PROBE_CONNECTS_WITHIN_MS = 80;

/**
 * The requests of this gateway to one handler. It queues them, limits their number, sends them, and refuses them while
 * the handler is unavailable.
 */
export class HandlerChannel {
  #entry: HandlerEntry;
  #exchanges: HttpExchanges;
  readonly #deps: ChannelDeps;
  readonly #waiting = new WaitingRequests();
  readonly #breaker: CircuitBreaker;
  readonly #failures = new FailureRun();
  readonly #logs = new Map<FailureReason, (count: number, detail: string) => void>();
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(entry: HandlerEntry, deps: ChannelDeps) {
    this.#entry = entry;
    this.#deps = deps;
    this.#exchanges = exchangesFor(entry);
    this.#breaker = new CircuitBreaker((isOpen) => this.#turned(isOpen));
    deps.metrics.handlers.inFlight.set({ handler: entry.name }, 0);
  }

  get entry(): HandlerEntry {
    return this.#entry;
  }

  get state(): HandlerState {
    return { handler: this.#entry.name, breaker: this.#breaker.state, ...this.#failures.report };
  }

  /** Sends all further requests with these settings. Requests in flight are not affected. */
  configure(entry: HandlerEntry): void {
    const before = this.#entry;
    this.#entry = entry;
    if (entry.url !== before.url || connectionsFor(entry) !== connectionsFor(before)) {
      void this.#exchanges.close();
      this.#exchanges = exchangesFor(entry);
    }
    this.#sendWaiting();
  }

  /**
   * Resolves when the handler has answered, or with a failure when no valid answer can come any more. Never rejects.
   */
  async send(request: HandlerRequest): Promise<Outcome> {
    const startedAtMs = performance.now();
    const outcome = await new Promise<Outcome>((resolve) => this.#queue(request, resolve));
    this.#count(request, outcome, startedAtMs);
    return outcome;
  }

  /** Resolves when no request is waiting or in flight. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#waiting.count === 0) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  /**
   * Sends the requests that wait, then closes the connections. Must be called for a handler that was removed from the
   * list.
   */
  async retire(): Promise<void> {
    await this.idle();
    await this.#exchanges.close();
  }

  /** Ends all requests and connections at once. */
  async stop(): Promise<void> {
    this.#dropWaiting("stopped");
    await this.#exchanges.destroy();
  }

  #queue(request: HandlerRequest, resolve: (outcome: Outcome) => void): void {
    const { order, maxInFlight } = this.#entry;
    const nowMs = this.#deps.nowMs();
    const key = order === "PerClient" ? (request.orderKey ?? request) : request;
    if (this.#breaker.isOpen) {
      if (this.#waiting.isUsed(key) || !this.#breaker.takeProbe(nowMs))
        return resolve(failure("unavailable", "the handler is away"));
      // Do not let a test request wait for the requests in flight: possibly none of them is ever answered.
      return void this.#send(request, this.#waiting.occupy(key), PROBE_CONNECTS_WITHIN_MS).then(resolve);
    }
    const places = Math.max(LEAST_PLACES, PLACES_PER_REQUEST * maxInFlight);
    if (!this.#waiting.add(key, { request, sinceMs: nowMs, resolve }, places))
      return resolve(failure("busy", "too many requests wait"));
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (this.#inFlight < this.#entry.maxInFlight) {
      const next = this.#waiting.next();
      if (next === undefined) break;
      void this.#send(next.waiting.request, next.done).then(next.waiting.resolve);
    }
    if (this.#waiting.count > 0) this.#timer ??= setInterval(() => this.#expire(), EXPIRE_EVERY_MS).unref();
    else this.#stopTimer();
    if (this.#inFlight > 0 || this.#waiting.count > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #expire(): void {
    const expired = this.#waiting.takeExpired(this.#deps.nowMs() - MOST_WAIT_MS);
    for (const { resolve } of expired) resolve(failure("busy", `waited ${MOST_WAIT_MS} ms`));
    if (this.#waiting.count === 0) this.#stopTimer();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #send(request: HandlerRequest, done: () => void, connectWithinMs?: number): Promise<Outcome> {
    const { metrics, tracing } = this.#deps;
    const { name: handler } = this.#entry;
    this.#inFlight += 1;
    metrics.handlers.inFlight.set({ handler }, this.#inFlight);
    try {
      if (tracing === undefined) return await this.#exchange(request, {}, connectWithinMs);
      return await tracing.handler(handler, request.kind, (headers) =>
        this.#exchange(request, headers, connectWithinMs),
      );
    } catch (error) {
      this.#deps.logger.error({ err: error, handler }, "handler request could not be made");
      return failure("invalid", "an error of the gateway");
    } finally {
      this.#inFlight -= 1;
      metrics.handlers.inFlight.set({ handler }, this.#inFlight);
      done();
      this.#sendWaiting();
    }
  }

  async #exchange(
    request: HandlerRequest,
    headers: Record<string, string>,
    connectWithinMs = Infinity,
  ): Promise<Outcome> {
    const startedAtMs = performance.now();
    const body = bodyOf(request, this.#deps.cluster);
    const exchanged = await this.#post(body, headers, connectWithinMs);
    const passedMs = performance.now() - startedAtMs;
    const isLast = "text" in exchanged || !this.#mayRepeat(exchanged, passedMs, connectWithinMs);
    return this.#conclude(isLast ? exchanged : await this.#post(body, headers, connectWithinMs, passedMs));
  }

  #post(body: string, headers: Record<string, string>, connectWithinMs: number, passedMs = 0): Promise<Exchanged> {
    const { key, nowMs } = this.#deps;
    const timeoutMs = this.#entry.timeoutMilliseconds - passedMs;
    return this.#exchanges.post({
      body,
      headers: {
        "content-type": "application/json",
        [SIGNATURE_HEADER]: signatureOf(body, key, nowMs()),
        ...headers,
      },
      timeoutMs,
      connectWithinMs: Math.min(timeoutMs, connectWithinMs - passedMs),
    });
  }

  /**
   * Whether to send a failed request again: if no byte of it was sent; or if the handler seems to be unavailable but is
   * idempotent, so it recognizes a repeated request.
   */
  #mayRepeat(failed: Failure & { isUnsent: boolean }, passedMs: number, connectWithinMs: number): boolean {
    if (passedMs >= Math.min(this.#entry.timeoutMilliseconds, connectWithinMs)) return false;
    return failed.isUnsent || (this.#entry.idempotent && isAway(failed));
  }

  #conclude(exchanged: Exchanged): Outcome {
    if (!("text" in exchanged)) {
      if (isAway(exchanged)) this.#breaker.failed(this.#deps.nowMs());
      else this.#breaker.answered();
      return { failure: { reason: exchanged.reason, detail: exchanged.detail } };
    }
    this.#breaker.answered();
    const answer = readAnswer(exchanged.text, this.#deps.maxMessageBytes());
    return "problem" in answer ? failure("invalid", answer.problem) : { answer };
  }

  #turned(isOpen: boolean): void {
    const { name: handler } = this.#entry;
    if (!isOpen) return this.#deps.logger.info({ handler }, "handler answers again");
    this.#deps.logger.warn({ handler }, "handler does not answer, its events are refused");
    this.#dropWaiting("unavailable");
  }

  #dropWaiting(why: "unavailable" | "stopped"): void {
    for (const { resolve } of this.#waiting.takeAll()) resolve(failure(why, "the request was not sent"));
  }

  #count({ kind }: HandlerRequest, outcome: Outcome, startedAtMs: number): void {
    const { metrics, logger, nowMs } = this.#deps;
    const { name: handler } = this.#entry;
    this.#failures.record(outcome, nowMs());
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const result = "failure" in outcome ? outcome.failure.reason : outcome.answer.error === undefined ? "ok" : "error";
    metrics.handlers.seconds.observe({ handler, kind, result }, seconds);
    if (!("failure" in outcome) || outcome.failure.reason === "unavailable") return;
    const { reason, detail } = outcome.failure;
    let log = this.#logs.get(reason);
    if (log === undefined) {
      const write = (count: number, about: string): void =>
        logger.warn({ handler, kind, reason, detail: about, count }, "handler request failed");
      this.#logs.set(reason, (log = onceAMinute(nowMs, write)));
    }
    log(1, detail);
  }
}

function exchangesFor(entry: HandlerEntry): HttpExchanges {
  return new HttpExchanges(entry.url, connectionsFor(entry));
}

/**
 * Number of connections. Test requests need some of their own, because all others can be blocked until their requests
 * time out.
 */
function connectionsFor({ maxInFlight, timeoutMilliseconds }: HandlerEntry): number {
  return maxInFlight + Math.ceil(timeoutMilliseconds / PROBE_EVERY_MS) + 1;
}

function failure(reason: FailureReason, detail: string): { failure: Failure } {
  return { failure: { reason, detail } };
}
