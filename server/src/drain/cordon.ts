import type { CordonLedger } from "../ledger/ledger.ts";

export interface CordonDeps {
  ledger: CordonLedger;
  connections: { readonly size: number };
  nowMs: () => number;
  /** Resolves after the time, or early when `signal` aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}

export interface CordonRequest {
  /** The cordon ends at this time by itself, so a caller that dies leaves no gateway closed. */
  untilMs: number;
  /** The gateway is closed only while it has at least this many connections. Undefined: it is always closed. */
  share?: number | undefined;
}

/** How often the gateway asks again whether another gateway is open. */
const RENEW_MS = 1_000;
/** The ledger forgets a cordon that is not renewed. */
const CLAIM_MS = 4_000;
/** The kubelet takes a pod out of its Services after this many failed probes. */
const PROBES = 2;
/** Load balancers need this time after the last probe. */
const PROPAGATION_MS = 1_000;
/** The wait ends after this time in any case: nothing may be probing this gateway. */
const MAX_WAIT_MS = 10_000;

/**
 * Closes this gateway to new clients while it moves connections, so that they do not come back here. Only the readiness
 * probe changes: a client that comes is served. One gateway of the cluster always stays open.
 */
export class Cordon {
  readonly #deps: CordonDeps;
  readonly #requests = new Set<CordonRequest>();
  #isClosed = false;
  #failedProbes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: CordonDeps) {
    this.#deps = deps;
  }

  /** Answers from memory. */
  get isClosed(): boolean {
    return this.#isClosed && this.#wanted().length > 0;
  }

  /** Call when the readiness probe was answered. */
  probed(isReady: boolean): void {
    this.#failedProbes = isReady ? 0 : this.#failedProbes + 1;
  }

  /** Resolves to false when this gateway cannot close, because no other gateway is open or Redis is away. */
  async begin(request: CordonRequest): Promise<boolean> {
    this.#requests.add(request);
    await this.#renew();
    const isHeld = this.#isClosed || !this.#isWanted(request);
    if (isHeld) this.#timer ??= setInterval(() => void this.#renew(), RENEW_MS).unref();
    else this.end(request);
    return isHeld;
  }

  end(request: CordonRequest): void {
    this.#requests.delete(request);
    if (this.#requests.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isClosed) void this.#open();
  }

  /** Resolves when load balancers should have noticed that this gateway is not ready. */
  async noticed(signal: AbortSignal): Promise<void> {
    const { nowMs, wait } = this.#deps;
    const untilMs = nowMs() + MAX_WAIT_MS;
    while (this.#failedProbes < PROBES && nowMs() < untilMs && !signal.aborted) await wait(100, signal);
    if (nowMs() < untilMs) await wait(PROPAGATION_MS, signal);
  }

  stop(): void {
    for (const request of this.#requests) this.end(request);
  }

  async #renew(): Promise<void> {
    for (const request of this.#requests) if (request.untilMs <= this.#deps.nowMs()) this.end(request);
    if (this.#wanted().length > 0) this.#isClosed = await this.#deps.ledger.cordon(CLAIM_MS);
    else if (this.#isClosed) await this.#open();
  }

  async #open(): Promise<void> {
    this.#isClosed = false;
    await this.#deps.ledger.uncordon();
  }

  #wanted(): CordonRequest[] {
    return [...this.#requests].filter((request) => this.#isWanted(request));
  }

  #isWanted({ share = 0, untilMs }: CordonRequest): boolean {
    return this.#deps.connections.size >= share && untilMs > this.#deps.nowMs();
  }
}
