import type { Fleet, KubeView } from "../../testkit/cluster/fleet.ts";

/** Access to the Kubernetes node of the fleet, for what the Kubernetes API does not offer. */
export interface NodeShell {
  /**
   * Sends a signal to all processes of the pod's first container. After SIGSTOP they hang, and their connections stay
   * open.
   */
  signal(pod: KubeView, signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A program that sends a signal to all processes of a container. It runs in a container that sees all processes of the
 * node.
 */
const program = `
const { readdirSync, readFileSync } = require("node:fs");
const [id, signal] = process.argv.slice(1);
const isOfContainer = (pid) => {
  try { return readFileSync("/proc/" + pid + "/cgroup", "utf8").includes(id); } catch { return false; }
};
const found = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name) && isOfContainer(name));
if (found.length === 0) throw new Error("no process of container " + id);
for (const pid of found) {
  // Ignore a process that has ended since: it may have been a short-lived probe.
  try { process.kill(Number(pid), signal); } catch (error) { if (error.code !== "ESRCH") throw error; }
}
`;

/** Starts a privileged pod in a namespace of its own. Works on every cluster that allows privileged pods. */
export async function openNodeShell(fleet: Fleet): Promise<NodeShell> {
  const namespace = `${fleet.namespace}-node`;
  const kubectl = (args: readonly string[], input = "") =>
    fleet.kubectl(["--namespace", namespace, ...args], { input });
  await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s"]);
  await kubectl(
    ["create", "-f", "-"],
    JSON.stringify({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    }),
  );
  const container = {
    name: "shell",
    image: fleet.state.gatewayImage,
    command: ["node", "-e", "setInterval(() => undefined, 60_000)"],
    securityContext: { privileged: true, runAsUser: 0 },
  };
  await kubectl(
    ["create", "-f", "-"],
    JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "shell" },
      spec: { hostPID: true, terminationGracePeriodSeconds: 0, containers: [container] },
    }),
  );
  await kubectl(["wait", "pod/shell", "--for=condition=Ready", "--timeout=60s"]);
  return {
    async signal({ metadata, status }, signal) {
      const id = (status?.containerStatuses?.[0] as { containerID?: string } | undefined)?.containerID?.replace(
        /^.*:\/\//,
        "",
      );
      if (id === undefined) throw new Error(`${metadata.name} has no running container`);
      await kubectl(["exec", "shell", "--", "node", "-e", program, id, signal]);
    },
    async remove() {
      await kubectl(["delete", "namespace", namespace, "--wait=false"]);
    },
  };
}
