import type { CordonLedger } from "../ledger/ledger.ts";

export interface CordonDeps {
  ledger: CordonLedger;
  connections: { readonly size: number };
  nowMs: () => number;
  /** Resolves after this time, or earlier if `signal` aborts. */
  wait: (afterMs: number, signal: AbortSignal) => Promise<void>;
}

export interface CordonRequest {
  /** The cordon ends by itself at this time. So if the caller dies, the gateway does not stay closed. */
  untilMs: number;
  /** The gateway is closed only while it has at least this many connections. Undefined: it is closed in any case. */
  share?: number | undefined;
}

/** How often the gateway checks that another gateway is still open, and renews the cordon in the ledger. */
const RENEW_MS = 1_000;
/** The ledger forgets a cordon that was not renewed for this long. */
const CLAIM_MS = 4_000;
/** After this many failed probes, the kubelet takes a pod out of its Services. */
const PROBES = 2;
/** How long load balancers need after the last failed probe. */
const PROPAGATION_MS = 1_000;
/** Maximum time to wait for probes, because possibly nothing probes this gateway. */
const MAX_WAIT_MS = 10_000;

/**
 * Closes this gateway to new clients while it moves connections, so that these clients do not come back to it. Only the
 * readiness probe changes: a client that connects anyway is served. At least one gateway of the cluster stays open.
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

  /** Notes how the readiness probe was answered. Must be called for each probe. */
  probed(isReady: boolean): void {
    this.#failedProbes = isReady ? 0 : this.#failedProbes + 1;
  }

  /** Resolves to false if this gateway cannot close, because no other gateway is open or Redis cannot be used. */
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

  /** Resolves when load balancers should have learned from the readiness probe that this gateway is closed. */
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
