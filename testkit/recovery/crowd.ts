// A crowd of stock clients at the cluster of `make up`. They send messages all the time and record what they receive.
import { setTimeout as sleep } from "node:timers/promises";
import { until, type Fleet } from "../cluster/fleet.ts";
import { clientOf } from "../cluster/ingress-client.ts";
import type { History, Outage, Publication } from "./history.ts";
import { judge } from "./judge.ts";
import { RecordingClient } from "./recording-client.ts";

export interface CrowdOptions {
  clients: number;
  messagesPerSecond: number;
  clientsOfARoom: number;
}

/** What clients have seen up to now. Differences of two totals belong to the time between them. */
export interface Totals {
  disconnects: number;
  recovered: number;
  unrecovered: number;
  /** Messages that gateways sent again after reconnects. */
  replayed: number;
  received: number;
}

export class Crowd {
  readonly clients: RecordingClient[] = [];
  readonly #options: CrowdOptions;
  readonly #publications: Publication[] = [];
  readonly #outages: Outage[] = [];
  readonly #totals: Totals = { disconnects: 0, recovered: 0, unrecovered: 0, replayed: 0, received: 0 };
  /** When each client has received its last message, and its longest time without one since the last reset. */
  readonly #lastAtMs = new Map<string, number>();
  #longestSilenceMs = 0;
  #ticks = 0;
  #isSending = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  get totals(): Totals {
    return { ...this.#totals };
  }

  async connect(fleet: Fleet): Promise<void> {
    const { clients, clientsOfARoom } = this.#options;
    const { host, state } = fleet;
    for (let index = 0; index < clients; index += 1) {
      const name = `user-${index}`;
      const token = await fleet.token(name);
      const client = new RecordingClient({
        ...{ name, rooms: [`room-${Math.floor(index / clientsOfARoom)}`], publications: this.#publications },
        ...{ ticks: () => this.#tick(), presented: { token } },
        open: (auth) =>
          clientOf({ host, ingressAddress: state.ingressAddress, token, namespace: "/messaging", options: { auth } }),
      });
      this.#watch(client);
      this.clients.push(client);
      if (index % 20 === 19) await this.settled();
    }
    await this.settled();
    this.#resume();
  }

  async settled(deadlineMs = 120_000): Promise<void> {
    const areSettled = async () => this.clients.every((client) => client.isSettled());
    await until("all clients to be in their rooms", areSettled, deadlineMs, 250);
  }

  /** In the time of `fault`, Redis is broken: clients may be not recovered. */
  async outage(fault: () => Promise<void>): Promise<void> {
    const from = this.#tick();
    try {
      await fault();
    } finally {
      this.#outages.push({ from, to: this.#tick() });
    }
  }

  /** Waits until no message is on its way, and returns what all clients have seen since the start. */
  async history(): Promise<History> {
    await this.#pause();
    const history = (): History => ({
      publications: this.#publications.filter(({ answeredAt }) => answeredAt < Infinity),
      clients: new Map(this.clients.map(({ name, observations }) => [name, observations])),
      outages: this.#outages,
    });
    const haveArrived = async () => judge(history()).faults.every(({ kind }) => kind !== "lost");
    await until("all messages that are due to arrive", haveArrived, 20_000, 1_000).catch(() => undefined);
    const whole = history();
    this.#resume();
    return whole;
  }

  /** The longest time that a client was without a message since the last call. */
  takeLongestSilenceMs(): number {
    const nowMs = Date.now();
    const open = [...this.#lastAtMs.values()].map((lastAtMs) => nowMs - lastAtMs);
    const longest = Math.max(this.#longestSilenceMs, ...open);
    this.#longestSilenceMs = 0;
    for (const name of this.#lastAtMs.keys()) this.#lastAtMs.set(name, nowMs);
    return longest;
  }

  async close(): Promise<void> {
    await this.#pause();
    for (const client of this.clients) client.close();
  }

  #tick(): number {
    return ++this.#ticks;
  }

  #watch({ name, socket }: RecordingClient): void {
    let isFirst = true;
    socket.on("disconnect", () => (this.#totals.disconnects += 1));
    socket.on("connected", ({ recovered, missed }: { recovered?: boolean; missed?: number }) => {
      if (!isFirst && recovered === true) this.#totals.recovered += 1;
      if (!isFirst && recovered !== true) this.#totals.unrecovered += 1;
      this.#totals.replayed += missed ?? 0;
      isFirst = false;
    });
    socket.on("message", () => {
      const nowMs = Date.now();
      this.#totals.received += 1;
      this.#longestSilenceMs = Math.max(this.#longestSilenceMs, nowMs - (this.#lastAtMs.get(name) ?? nowMs));
      this.#lastAtMs.set(name, nowMs);
    });
  }

  #resume(): void {
    this.#isSending = true;
    const nowMs = Date.now();
    for (const { name } of this.clients) this.#lastAtMs.set(name, nowMs);
    this.#sending = this.#send();
  }

  async #pause(): Promise<void> {
    this.#isSending = false;
    await this.#sending;
  }

  /** One client after another sends a message to its room. */
  async #send(): Promise<void> {
    for (let turn = 0; this.#isSending; turn += 1) {
      const client = this.clients[turn % this.clients.length]!;
      for (const room of client.rooms) void client.send(room);
      await sleep(1_000 / this.#options.messagesPerSecond);
    }
  }
}
