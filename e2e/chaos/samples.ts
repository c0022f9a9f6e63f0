import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet, KubeView } from "../../testkit/cluster/fleet.ts";
import type { Crowd } from "../../testkit/recovery/crowd.ts";
import type { Sample } from "./chaos-result.ts";

const EVERY_MS = 1_000;
/** The list of pods needs a request to the API server. */
const LIST_EVERY_MS = 3_000;
const ANSWER_WITHIN_MS = 800;

/** Looks at the crowd and at the gateways' own metrics once a second, until `stop`. */
export class Samples {
  readonly all: Sample[] = [];
  readonly #fleet: Fleet;
  readonly #crowd: Crowd;
  #pods: KubeView[] = [];
  #isRunning = true;
  readonly #running: Promise<unknown>;

  constructor(fleet: Fleet, crowd: Crowd) {
    this.#fleet = fleet;
    this.#crowd = crowd;
    this.#running = Promise.all([this.#list(), this.#sample()]);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#running;
  }

  async #list(): Promise<void> {
    while (this.#isRunning) {
      // While the API server is down, the last list is still right.
      const pods = await this.#fleet.list("pods", "app.kubernetes.io/component=server").catch(() => undefined);
      this.#pods = pods ?? this.#pods;
      await sleep(LIST_EVERY_MS);
    }
  }

  async #sample(): Promise<void> {
    let before = this.#crowd.totals;
    while (this.#isRunning) {
      const atMs = Date.now();
      const answers = await Promise.all(this.#pods.map(entryOf));
      const now = this.#crowd.totals;
      this.all.push({
        atMs,
        reconnects: now.recovered + now.unrecovered - before.recovered - before.unrecovered,
        connections: Object.fromEntries(answers.flat()),
        away: this.#crowd.clients.filter(({ socket }) => !socket.connected).length,
      });
      before = now;
      await sleep(Math.max(0, atMs + EVERY_MS - Date.now()));
    }
  }
}

/** The pod's name and connections. Empty when the pod does not answer. */
async function entryOf(pod: KubeView): Promise<[string, number][]> {
  const line = (await metricsOf(pod)).find((text) => text.startsWith("realtime_connections "));
  return line === undefined ? [] : [[pod.metadata.name, Number(line.split(" ")[1])]];
}

/** How often each gateway recovered clients, and for which reasons it did not, since its start. */
export async function recoveriesOf(fleet: Fleet): Promise<string[]> {
  const lines = await Promise.all((await fleet.gateways()).map(metricsOf));
  return lines.flat().filter((line) => line.startsWith("realtime_recoveries_total{") && !line.endsWith(" 0"));
}

/** The lines of a gateway's metrics. Empty when it does not answer. */
async function metricsOf({ status }: KubeView): Promise<string[]> {
  try {
    const url = `http://${status?.podIP ?? ""}:9090/metrics`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return (await answer.text()).split("\n");
  } catch {
    return [];
  }
}
