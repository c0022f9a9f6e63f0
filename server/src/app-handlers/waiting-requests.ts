import type { HandlerRequest, Outcome } from "./handler-request.ts";

/** A request that is not sent yet. */
export interface Waiting {
  request: HandlerRequest;
  /** The request's payload, encoded as JSON. It needs less memory than the decoded value. */
  data: string;
  sinceMs: number;
  resolve: (outcome: Outcome) => void;
}

interface Lane {
  key: object;
  waiting: Waiting[];
}

/** Maximum number of bytes in the payloads of all requests that wait for one handler. */
const MOST_BYTES = 8_388_608;

/**
 * The requests that wait for one handler, in lanes. The requests of a lane are sent one after another, and the lanes
 * take turns. So a client with many requests does not delay the other clients.
 */
export class WaitingRequests {
  readonly #lanes = new Map<object, Lane>();
  readonly #ready: Lane[] = [];
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether a request of this lane is waiting or being sent. */
  isUsed(key: object): boolean {
    return this.#lanes.has(key);
  }

  /**
   * Whether a request of this lane can be sent at once, because no request is waiting and none of this lane is being
   * sent.
   */
  isFree(key: object): boolean {
    return this.#count === 0 && !this.#lanes.has(key);
  }

  /**
   * For a request that is sent without waiting: the next requests of its lane wait until the returned function is
   * called.
   */
  occupy(key: object): () => void {
    const lane = { key, waiting: [] };
    this.#lanes.set(key, lane);
    return () => this.#done(lane);
  }

  /**
   * Adds a request to the queue of its lane. Returns false if there is no free place. A lane can use at most half of
   * the places.
   */
  add(key: object, waiting: Waiting, places: number): boolean {
    const { data } = waiting;
    const known = this.#lanes.get(key);
    const isFull = this.#count >= places || this.#bytes + data.length > MOST_BYTES;
    if (isFull || (known?.waiting.length ?? 0) >= places / 2) return false;
    const lane = known ?? { key, waiting: [] };
    lane.waiting.push(waiting);
    this.#count += 1;
    this.#bytes += data.length;
    if (known === undefined) {
      this.#lanes.set(key, lane);
      this.#ready.push(lane);
    }
    return true;
  }

  /** The next request. No other request of its lane is being sent. `done` must be called when it was answered. */
  next(): { waiting: Waiting; done: () => void } | undefined {
    const lane = this.#ready.shift();
    if (lane === undefined) return undefined;
    const waiting = lane.waiting.shift()!;
    this.#count -= 1;
    this.#bytes -= waiting.data.length;
    return { waiting, done: () => this.#done(lane) };
  }

  #done(lane: Lane): void {
    if (lane.waiting.length > 0) this.#ready.push(lane);
    else this.#lanes.delete(lane.key);
  }

  /** Removes and returns the requests that have waited since before this time. */
  takeExpired(beforeMs: number): Waiting[] {
    const expired: Waiting[] = [];
    for (const lane of this.#lanes.values()) {
      const count = lane.waiting.findIndex(({ sinceMs }) => sinceMs >= beforeMs);
      expired.push(...lane.waiting.splice(0, count < 0 ? lane.waiting.length : count));
    }
    if (expired.length === 0) return expired;
    this.#count -= expired.length;
    for (const { data } of expired) this.#bytes -= data.length;
    const stillReady = this.#ready.filter(({ waiting }) => waiting.length > 0);
    for (const { key, waiting } of this.#ready) if (waiting.length === 0) this.#lanes.delete(key);
    this.#ready.splice(0, this.#ready.length, ...stillReady);
    return expired;
  }

  /** Removes and returns all requests. */
  takeAll(): Waiting[] {
    const all = [...this.#lanes.values()].flatMap(({ waiting }) => waiting.splice(0));
    for (const lane of this.#ready.splice(0)) this.#lanes.delete(lane.key);
    this.#count = 0;
    this.#bytes = 0;
    return all;
  }
}
