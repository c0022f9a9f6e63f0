import { actions } from "./control-socket.ts";
import type { DevPlan } from "./dev-plan.ts";

export interface FirstSteps {
  plan: DevPlan;
  url: string;
  /** A token for the example code. Undefined when no token is needed, or when tokens come from an issuer. */
  token: string | undefined;
  gateways: number;
  /** Where the inspector is, or why it does not run. */
  inspector: string;
  /** Where back ends publish, or why they cannot. */
  publish: string;
  /** Why there is no Redis although the cluster needs one. Undefined otherwise. */
  withoutRedis: string | undefined;
}

/** The text that `realtime dev` prints once everything runs: the URL and example code. */
export function firstSteps({ plan, url, token, gateways, inspector, publish, withoutRedis }: FirstSteps): string {
  const auth = token === undefined ? "" : `, auth: { token: "${token}" }`;
  const keys = Object.entries(actions).map(([action, { key, does }]) => `  ${key}  ${does} (realtime dev ${action})`);
  return [
    `${plan.name} runs: ${gateways} ${gateways === 1 ? "gateway" : "gateways"} behind ${url}`,
    inspector,
    publish,
    "",
    "Works differently here:",
    ...[...plan.notes, ...(withoutRedis === undefined ? [] : [withoutRedis])].map((note) => `  ${note}`),
    "",
    "Connect a client (npm install socket.io-client):",
    "",
    `  import { io } from "socket.io-client";`,
    `  const socket = io("${url}/messaging", { transports: ["websocket"]${auth} });`,
    `  await socket.emitWithAck("join_room", { room: "team-7" });`,
    `  socket.on("message", (message) => console.log(message));`,
    `  await socket.emitWithAck("send_message", { room: "team-7", message: "hello" });`,
    "",
    "Save the file to apply it. Keys:",
    ...keys,
    "  q  stop (Ctrl-C does the same)",
    "",
  ].join("\n");
}
