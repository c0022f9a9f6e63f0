import { setTimeout as sleep } from "node:timers/promises";
import { callApi } from "../../../../testkit/gateway/gateway-api.ts";
import type { Ports } from "../../../../testkit/gateway/gateway-settings.ts";
import type { Publication } from "../../../../testkit/recovery/history.ts";
import type { Ticks } from "../../../../testkit/recovery/recording-client.ts";

export interface PublisherOptions {
  name: string;
  /**
   * Returns the gateway to use now. After a change of the gateway, the publisher counts as another sender and numbers
   * its messages from 1.
   */
  gateway: () => Ports | undefined;
  rooms: readonly string[];
  everyMs: number;
  ticks: Ticks;
  random: () => number;
  publications: Publication[];
}

/** Publishes numbered messages through a gateway's private API, one after another. */
export class Publisher {
  readonly #options: PublisherOptions;
  #isStopped = false;
  #gateway: Ports | undefined;
  #life = 0;
  #counts = new Map<string, number>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#publish();
      await sleep(this.#options.everyMs);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #publish(): Promise<void> {
    const { name, rooms, ticks, random, publications } = this.#options;
    const gateway = this.#options.gateway();
    if (gateway === undefined) return;
    if (gateway !== this.#gateway) {
      this.#gateway = gateway;
      this.#life += 1;
      this.#counts = new Map();
    }
    const room = rooms[Math.floor(random() * rooms.length)]!;
    const k = (this.#counts.get(room) ?? 0) + 1;
    this.#counts.set(room, k);
    const publication: Publication = {
      ...{ publisher: `${name}.${this.#life}`, room, k },
      ...{ sentAt: ticks(), answeredAt: Infinity, outcome: "unknown" },
    };
    publications.push(publication);
    publication.outcome = await post(gateway, publication);
    if (publication.outcome !== "unknown") publication.answeredAt = ticks();
  }
}

/** Publishes one message through a gateway's private API, and returns what happened to it. */
export async function post(
  gateway: Ports,
  { publisher, room, k }: Pick<Publication, "publisher" | "room" | "k">,
): Promise<Publication["outcome"]> {
  try {
    const data = { publisher, room, k };
    const body = { namespace: "/messaging", room, event: "stamped", data };
    const { body: answer } = await callApi(gateway, "/api/publish", { body });
    if (answer["published"] !== true) return "unknown";
    return answer["stored"] === true ? "stored" : "delivered";
  } catch {
    return "unknown";
  }
}
