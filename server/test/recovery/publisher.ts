import { ADMIN_TOKEN } from "../../../testkit/gateway/gateway-settings.ts";
import type { Publication } from "./history.ts";
import type { Ticks } from "./recording-client.ts";

export interface PublisherOptions {
  /** Private port of the gateway it publishes through now; another one makes it another sender. */
  port: () => number | undefined;
  rooms: readonly string[];
  ticks: Ticks;
  random: () => number;
}

/** Stamps messages and publishes them one after the other, each after the answer to the one before. */
export class Publisher {
  readonly publications: Publication[] = [];
  readonly #name: string;
  readonly #options: PublisherOptions;
  #isStopped = false;
  #port: number | undefined;
  #incarnation = 0;
  #counts = new Map<string, number>();

  constructor(name: string, options: PublisherOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Publishes until it is stopped. `pause` is called after each message. */
  async run(pause: () => Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      await this.#publish();
      await pause();
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #publish(): Promise<void> {
    const port = this.#options.port();
    if (port === undefined) return;
    if (port !== this.#port) {
      // The order of one sender is the order of one gateway's client.
      this.#port = port;
      this.#incarnation += 1;
      this.#counts = new Map();
    }
    const { rooms, ticks, random } = this.#options;
    const room = rooms[Math.floor(random() * rooms.length)]!;
    const k = (this.#counts.get(room) ?? 0) + 1;
    this.#counts.set(room, k);
    const publication: Publication = {
      publisher: `${this.#name}.${this.#incarnation}`,
      ...{ room, k, sentAt: ticks(), outcome: "unknown" },
    };
    this.publications.push(publication);
    publication.outcome = await post(port, publication);
  }
}

async function post(port: number, { publisher, room, k }: Publication): Promise<Publication["outcome"]> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/publish`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ namespace: "/messaging", room, event: "stamped", data: { publisher, room, k } }),
    });
    const answer = (await response.json()) as { published?: boolean; stored?: boolean };
    if (answer.published !== true) return "unknown";
    return answer.stored === true ? "stored" : "delivered";
  } catch {
    return "unknown";
  }
}
