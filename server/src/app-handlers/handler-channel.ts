import type { KeyObject } from "node:crypto";
import type { HandlerEntry } from "../live-config/handler-entries.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { onceAMinute } from "../observability/once-a-minute.ts";
import type { Tracing } from "../observability/tracing.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
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

interface Sending {
  request: HandlerRequest;
  /** The request's payload, encoded as JSON. */
  data: string;
  /** Must be called when the request was answered. The next request of the same client is sent then. */
  done: () => void;
  resolve: (outcome: Outcome) => void;
  connectWithinMs?: number;
}

/**
 * The requests of this gateway to one handler. It queues them, limits their number, sends them, and refuses them while
 * the handler is unavailable.
 */
export class HandlerChannel {
  #entry: HandlerEntry;
  #exchanges: HttpExchanges;
  readonly #deps: ChannelDeps;
  readonly #clusterJson: string;
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
    this.#exchanges = new HttpExchanges(entry.url);
    this.#clusterJson = JSON.stringify(deps.cluster);
    this.#breaker = new CircuitBreaker((isOpen) => this.#turned(isOpen));
    deps.metrics.handlers.reportInFlight(entry.name, () => this.#inFlight);
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
    if (entry.url !== before.url) {
      void this.#exchanges.close();
      this.#exchanges = new HttpExchanges(entry.url);
    }
    this.#sendWaiting();
  }

  /** Resolves when the handler has answered, or with a failure when no valid answer can come. Never rejects. */
  send(request: HandlerRequest): Promise<Outcome> {
    const startedAtMs = performance.now();
    const data = JSON.stringify(request.payload);
    request.payload = undefined;
    return new Promise((resolve) =>
      this.#queue(request, data, (outcome) => {
        this.#count(request, outcome, startedAtMs);
        resolve(outcome);
      }),
    );
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

  #queue(request: HandlerRequest, data: string, resolve: (outcome: Outcome) => void): void {
    const { order, maxInFlight } = this.#entry;
    const nowMs = this.#deps.nowMs();
    const key = order === "PerClient" ? (request.orderKey ?? request) : request;
    if (this.#breaker.isOpen) {
      if (this.#waiting.isUsed(key) || !this.#breaker.takeProbe(nowMs))
        return resolve(failure("unavailable", "the handler is away"));
      // Do not let a test request wait for the requests in flight: possibly none of them is ever answered.
      const connectWithinMs = PROBE_CONNECTS_WITHIN_MS;
      return this.#send({ request, data, done: this.#waiting.occupy(key), resolve, connectWithinMs });
    }
    if (this.#inFlight < maxInFlight && this.#waiting.isFree(key))
      return this.#send({ request, data, done: this.#waiting.occupy(key), resolve });
    const places = Math.max(LEAST_PLACES, PLACES_PER_REQUEST * maxInFlight);
    if (!this.#waiting.add(key, { request, data, sinceMs: nowMs, resolve }, places))
      return resolve(failure("busy", "too many requests wait"));
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (this.#inFlight < this.#entry.maxInFlight) {
      const next = this.#waiting.next();
      if (next === undefined) break;
      const { request, data, resolve } = next.waiting;
      this.#send({ request, data, done: next.done, resolve });
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

  #send({ done, resolve, ...sending }: Sending): void {
    this.#inFlight += 1;
    const conclude = (outcome: Outcome): void => {
      this.#inFlight -= 1;
      done();
      resolve(outcome);
      this.#sendWaiting();
    };
    this.#traced(sending).then(conclude, (error: unknown) => {
      this.#deps.logger.error({ err: error, handler: this.#entry.name }, "handler request could not be made");
      conclude(failure("invalid", "an error of the gateway"));
    });
  }

  #traced(sending: Omit<Sending, "done" | "resolve">): Promise<Outcome> {
    const { tracing } = this.#deps;
    if (tracing === undefined) return this.#exchange(sending, {});
    const { kind } = sending.request;
    const about = { name: this.#entry.name, kind, method: "POST" };
    return tracing.handler(about, (headers) => this.#exchange(sending, headers));
  }

  async #exchange(
    { request, data, connectWithinMs = Infinity }: Omit<Sending, "done" | "resolve">,
    headers: Record<string, string>,
  ): Promise<Outcome> {
    const startedAtMs = performance.now();
    const body = bodyOf(request, data, this.#clusterJson);
    const exchanged = await this.#post(body, headers, connectWithinMs);
    if ("text" in exchanged) return this.#conclude(exchanged);
    const passedMs = performance.now() - startedAtMs;
    if (!this.#mayRepeat(exchanged, passedMs, connectWithinMs)) return this.#conclude(exchanged);
    return this.#conclude(await this.#post(body, headers, connectWithinMs, passedMs));
  }

  #post(body: string, headers: Record<string, string>, connectWithinMs: number, passedMs = 0): Promise<Exchanged> {
    const { key, nowMs } = this.#deps;
    const timeoutMs = this.#entry.timeoutMilliseconds - passedMs;
    headers["content-type"] = "application/json";
    headers[SIGNATURE_HEADER] = signatureOf(body, key, nowMs());
    return this.#exchanges.post({
      ...{ body, headers, timeoutMs },
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

function failure(reason: FailureReason, detail: string): { failure: Failure } {
  return { failure: { reason, detail } };
}
