import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { onceAMinute } from "../observability/once-a-minute.ts";
import type { GoneBatch, GoneOutbox } from "../recovery/gone/gone-outbox.ts";
import type { GoneSession } from "../recovery/gone/gone-session.ts";
import type { AppHandlers } from "./app-handlers.ts";
import type { Channel } from "./channel.ts";
import { isAway, type FailureReason } from "./failure.ts";
import { Caller, type HandlerRequest } from "./handler-request.ts";

export interface GoneCourierOptions {
  appHandlers: Pick<AppHandlers, "hook">;
  outbox: Pick<GoneOutbox, "take" | "postpone" | "remove">;
  metrics: Pick<Metrics, "handlers">;
  logger: Logger;
  newId: () => string;
  nowMs: () => number;
}

const LOOK_EVERY_MS = 1_000;
/** Maximum number of ended sessions in one request to the handler. */
const MOST_IN_BATCH = 100;
/** If the gateway that reports a batch dies, another gateway reports it after this time. */
const LEASE_MS = 5_000;
const RENEW_EVERY_MS = 2_000;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 10_000;
/**
 * With these failures, the handler has answered with status 200, so it has received the batch. The rest of its answer
 * does not matter.
 */
const RECEIVED: ReadonlySet<FailureReason> = new Set(["content_type", "too_large", "invalid"]);

/**
 * Reports ended sessions to the handler with the hook `gone`, in batches. Each session is reported at least once. If
 * the handler does not accept a batch, it is sent again, with growing pauses.
 */
export class GoneCourier {
  readonly #options: GoneCourierOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #logDropped: (count: number, detail: string) => void;
  #isBusy = false;
  #pauseMs = 0;
  #notBeforeMs = 0;
  #size = MOST_IN_BATCH;

  constructor(options: GoneCourierOptions) {
    this.#options = options;
    const { logger, nowMs } = options;
    this.#logDropped = onceAMinute(nowMs, (sessions) =>
      logger.warn({ sessions }, "ended sessions will not be reported, because too many waited or for too long"),
    );
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { logger, nowMs } = this.#options;
    if (this.#isBusy || nowMs() < this.#notBeforeMs) return;
    this.#isBusy = true;
    try {
      while (await this.#reportNext());
    } catch (error) {
      logger.error({ err: error }, "ended sessions could not be reported to the handler, will retry");
    } finally {
      this.#isBusy = false;
    }
  }

  /** Reports one batch. Resolves to true if the handler accepted it and more sessions can be waiting. */
  async #reportNext(): Promise<boolean> {
    const { appHandlers, outbox, metrics } = this.#options;
    const channel = appHandlers.hook("gone");
    if (channel === undefined) return false;
    const batch = await outbox.take(this.#size, LEASE_MS);
    if (batch.waiting !== undefined) metrics.handlers.goneWaiting.set(batch.waiting);
    if (batch.dropped > 0) {
      metrics.handlers.goneDropped.inc(batch.dropped);
      this.#logDropped(batch.dropped, "");
    }
    return batch.entries.length > 0 && (await this.#report(channel, batch));
  }

  async #report(channel: Channel, batch: GoneBatch): Promise<boolean> {
    const { outbox } = this.#options;
    const renewal = setInterval(() => outbox.postpone(batch, LEASE_MS), RENEW_EVERY_MS);
    renewal.unref();
    const outcome = await channel.send(requestFor(batch, this.#options.newId())).finally(() => clearInterval(renewal));
    if ("answer" in outcome || RECEIVED.has(outcome.failure.reason)) {
      await outbox.remove(batch);
      this.#pauseMs = 0;
      this.#size = Math.min(MOST_IN_BATCH, 2 * this.#size);
      return true;
    }
    const { failure } = outcome;
    if (failure.reason === "stopped") outbox.postpone(batch, 0);
    else if (isAway(failure)) this.#pause(batch);
    else this.#split(batch);
    return false;
  }

  #pause(batch: GoneBatch): void {
    this.#notBeforeMs = this.#options.nowMs() + this.#postpone(batch);
  }

  /**
   * Tries again with half as many sessions in a batch. A single session can be the reason why the handler fails; in
   * smaller batches, the other sessions reach the handler.
   */
  #split(batch: GoneBatch): void {
    this.#size = Math.max(1, Math.floor(batch.entries.length / 2));
    this.#postpone(batch);
    this.#notBeforeMs = this.#options.nowMs() + FIRST_PAUSE_MS;
  }

  /** Postpones the batch, so that other sessions are reported first. Returns the pause in milliseconds. */
  #postpone(batch: GoneBatch): number {
    this.#pauseMs = Math.min(LAST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * this.#pauseMs));
    this.#options.outbox.postpone(batch, this.#pauseMs);
    return this.#pauseMs;
  }
}

function requestFor({ entries }: GoneBatch, id: string): HandlerRequest {
  const sessions = entries.map(({ text }) => JSON.parse(text) as GoneSession);
  // A batch has several clients, but the request has fields for one. Fill them from the first session, for handlers
  // that read only these fields.
  const { user, sessionId, socketId, namespace, rooms } = sessions[0]!;
  const caller = new Caller({ namespace, socketId, sessionId, user, claims: {}, headers: {} });
  return { id, kind: "gone", payload: { sessions }, ack: false, orderKey: undefined, caller, rooms: () => rooms };
}
