import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { runKubectl } from "../../testkit/cluster/kubectl.ts";
import type { UpState } from "../../testkit/cluster/up-state.ts";
import { exampleToken } from "./example-token.ts";

const PROGRAM = fileURLToPath(new URL("../../examples/handlers/typescript/handler.ts", import.meta.url));
/** The package for Node from this clone, as `npm install` would install it. */
const PACKAGE = fileURLToPath(new URL("../../sdk/src/handlers.ts", import.meta.url));
const NAME = "orders";
const security = {
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * Deploys examples/handlers/typescript, and adds it to spec.handlers of the minimal example. Both steps can be
 * repeated, and no gateway restarts.
 */
export async function deployExampleHandlers(state: UpState, print: (line: string) => void): Promise<void> {
  const kubectl = (args: string[], input?: object) =>
    runKubectl(state, ["--namespace", EXAMPLE.namespace, ...args], { input: JSON.stringify(input ?? {}) });
  const objects = workload(state.gatewayImage, await bundled());
  await kubectl(["apply", "--server-side", "-f", "-"], { apiVersion: "v1", kind: "List", items: objects });
  print(`the Deployment ${NAME} runs examples/handlers/typescript`);
  const handlers = [{ name: NAME, service: { name: NAME, port: 8080 }, events: ["order:*"] }];
  await kubectl(["patch", "rtc", EXAMPLE.name, "--type=merge", "--patch", JSON.stringify({ spec: { handlers } })]);
  await kubectl(["rollout", "status", `deployment/${NAME}`, "--timeout=120s"]);
  print(`${EXAMPLE.namespace}/${EXAMPLE.name} sends the events order:* to it. No connection has moved.`);
  print(firstOrder(state, await exampleToken(state, { sub: "you", rooms: [] })));
}

/** The program and its packages as one file. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [PROGRAM], bundle: true, platform: "node", format: "esm", write: false },
    alias: { "@realtime-operator/handlers": PACKAGE },
  });
  return outputFiles[0]!.text;
}

/** An application builds an image. This example needs no registry: the gateway's image contains Node. */
function workload(image: string, program: string): object[] {
  const labels = { app: NAME };
  const secret = { secretKeyRef: { name: `${EXAMPLE.name}-auth`, key: "handler-secret" } };
  const container = {
    ...{ name: "node", image, command: ["node", "/program/handler.mjs"] },
    env: [{ name: "HANDLER_SECRET", valueFrom: secret }],
    ...{ securityContext: security, readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } },
    volumeMounts: [{ name: "program", mountPath: "/program" }],
  };
  const volumes = [{ name: "program", configMap: { name: NAME } }];
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: NAME }, data: { "handler.mjs": program } },
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: NAME } },
      spec: {
        ...{ replicas: 1, selector: { matchLabels: labels } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels }, spec: { containers: [container], volumes } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: NAME },
      spec: { selector: labels, ports: [{ port: 8080 }] },
    },
  ];
}

function firstOrder({ ingressAddress }: UpState, token: string): string {
  return `
A client for Node (npm install socket.io-client):

  import { io } from "socket.io-client";
  const socket = io("http://${ingressAddress}/events", {
    transports: ["websocket"],
    extraHeaders: { Host: "${EXAMPLE.host}" },
    auth: { token: "${token}" },
  });
  socket.on("order:placed", (order) => console.log("placed", order));
  console.log(await socket.emitWithAck("order:place", { item: "tea" }));
`;
}
