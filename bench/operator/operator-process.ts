import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { freePorts } from "../../testkit/free-ports.ts";
import { until } from "../../testkit/until.ts";
import { requestsOf, type Requests } from "./requests.ts";

/**
 * The bundled operator in its own process. It has the flags of its image, and the heap limit that Node chooses in a
 * container of 256 MiB, the chart's memory limit.
 */
export class OperatorProcess {
  readonly #child: ChildProcess;
  readonly #metricsPort: number;

  private constructor(child: ChildProcess, metricsPort: number) {
    this.#child = child;
    this.#metricsPort = metricsPort;
  }

  static async start(kubeconfig: string, identity: string): Promise<OperatorProcess> {
    const [health = 0, metrics = 0] = await freePorts(2);
    const env = {
      ...process.env,
      KUBECONFIG: kubeconfig,
      POD_NAME: identity,
      POD_NAMESPACE: "default",
      HEALTH_PORT: String(health),
      METRICS_PORT: String(metrics),
      LOG_LEVEL: "warn",
      NODE_OPTIONS: "--max-old-space-size=128",
    };
    const [, ...flags] = (JSON.parse(readFileSync("operator/image.json", "utf8")) as { entrypoint: string[] })
      .entrypoint;
    const child = spawn(process.execPath, [...flags.slice(0, -1), "operator/dist/main.mjs", "run"], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return new OperatorProcess(child, metrics);
  }

  async metrics(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`);
    return response.text();
  }

  async requests(): Promise<Requests> {
    return requestsOf(await this.metrics());
  }

  /** How many reconcile passes have ended, from the operator's metrics. */
  async reconciles(): Promise<number> {
    const text = await this.metrics().catch(() => "");
    const samples = text.matchAll(/^realtime_operator_reconciles_total\{outcome="\w+"\} (\d+)$/gm);
    return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  async whenActing(): Promise<void> {
    await until(
      "the operator to lead",
      async () => (await this.metrics().catch(() => "")).includes("realtime_operator_leader 1"),
      60_000,
      50,
    );
  }

  rssMiB(): number {
    const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid ?? 0}/status`, "utf8")) ?? [];
    return Math.round(Number(kibibytes) / 1024);
  }

  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill(signal);
    await ended;
  }
}
