import { request } from "node:http";
import type { Fleet, KubeView } from "./fleet.ts";

/** Client connections of each gateway pod, by its own metrics on the private port. */
export async function connectionsByPod(fleet: Fleet): Promise<Record<string, number>> {
  const pods = await fleet.gateways();
  const counts = await Promise.all(pods.map(async (pod) => [pod.metadata.name, await metric(pod, "realtime_connections")] as const));
  return Object.fromEntries(counts);
}

/** Sum of a metric's samples in a pod. Throws when the pod does not have the metric. */
export async function metric(pod: KubeView, name: string): Promise<number> {
  const text = await fetchText(`http://${pod.status?.podIP ?? ""}:9090/metrics`);
  const samples = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (samples.length === 0) throw new Error(`${pod.metadata.name} has no metric ${name}`);
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { timeout: 5000, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    asking.on("timeout", () => asking.destroy(new Error(`${url} did not answer within 5 s`)));
    asking.on("error", reject);
    asking.end();
  });
}
