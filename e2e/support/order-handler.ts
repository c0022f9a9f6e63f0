import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../../testkit/cluster/fleet.ts";

const security = {
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** The manifests that run one of these programs. They use the gateway's image, because it contains Node. */
function workload(fleet: Fleet, name: string, program: string): object[] {
  const labels = { app: name };
  const key = { secretKeyRef: { name: `${fleet.name}-auth`, key: "handler-secret" } };
  const container = {
    name: "node",
    image: fleet.state.gatewayImage,
    command: ["node", `/program/${program}`],
    env: [{ name: "HANDLER_SECRET", valueFrom: key }],
    securityContext: security,
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    volumeMounts: [{ name: "program", mountPath: "/program" }],
  };
  const volumes = [{ name: "program", configMap: { name: "order-handler" } }];
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 15, containers: [container], volumes },
        },
      },
    },
    { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: labels, ports: [{ port: 8080 }] } },
  ];
}

/** Starts a handler for order:place, and a service that counts how often the handler has run each order. */
export async function startOrderHandler(fleet: Fleet): Promise<void> {
  const programs = ["order-handler-program.ts", "order-counter-program.ts"];
  const data = Object.fromEntries(
    programs.map((name) => [name, readFileSync(join(import.meta.dirname, name), "utf8")]),
  );
  await fleet.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "order-handler" }, data });
  const objects = [...workload(fleet, "counter", programs[1]!), ...workload(fleet, "orders", programs[0]!)];
  for (const object of objects) await fleet.apply(object);
  for (const name of ["counter", "orders"])
    await fleet.kubectl(["rollout", "status", `deployment/${name}`, "--timeout=60s"]);
}

/** For each order (by its item), how often the handler has run it. */
export async function orderRuns(fleet: Fleet): Promise<Record<string, number>> {
  const path = `/api/v1/namespaces/${fleet.namespace}/services/counter:8080/proxy/`;
  return JSON.parse(await fleet.kubectl(["get", "--raw", path])) as Record<string, number>;
}
