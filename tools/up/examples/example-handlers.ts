import { fileURLToPath } from "node:url";
import { EXAMPLE } from "../../../testkit/cluster/example.ts";
import { runKubectl } from "../../../testkit/cluster/kubectl.ts";
import type { UpState } from "../../../testkit/cluster/up-state.ts";
import { exampleToken } from "../example-token.ts";
import { fromSecret, nodeWorkload } from "./node-workload.ts";

const PROGRAM = fileURLToPath(new URL("../../../examples/handlers/typescript/handler.ts", import.meta.url));
const NAME = "orders";

/**
 * Deploys examples/handlers/typescript, and adds it to spec.handlers of the minimal example. Both steps can be
 * repeated, and no gateway restarts.
 */
export async function deployExampleHandlers(state: UpState, print: (line: string) => void): Promise<void> {
  const kubectl = (args: string[], input?: object) =>
    runKubectl(state, ["--namespace", EXAMPLE.namespace, ...args], { input: JSON.stringify(input ?? {}) });
  const objects = await nodeWorkload({
    ...{ name: NAME, image: state.gatewayImage, program: PROGRAM, port: 8080 },
    env: [fromSecret("HANDLER_SECRET", `${EXAMPLE.name}-auth`, "handler-secret")],
  });
  await kubectl(["apply", "--server-side", "-f", "-"], { apiVersion: "v1", kind: "List", items: objects });
  print(`the Deployment ${NAME} runs examples/handlers/typescript`);
  const handlers = [{ name: NAME, service: { name: NAME, port: 8080 }, events: ["order:*"] }];
  await kubectl(["patch", "rtc", EXAMPLE.name, "--type=merge", "--patch", JSON.stringify({ spec: { handlers } })]);
  await kubectl(["rollout", "status", `deployment/${NAME}`, "--timeout=120s"]);
  print(`${EXAMPLE.namespace}/${EXAMPLE.name} sends the events order:* to it. No connection has moved.`);
  print(firstOrder(state, await exampleToken(state, { sub: "you", rooms: [] })));
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
