import { expect, test } from "@jest/globals";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { routeAdvice } from "./server-http-route.ts";

const cluster = (type: string, transports: string[]) =>
  ({ spec: { exposure: { type }, transports } }) as RealtimeCluster;

test.each([
  {
    when: "polling, and routes without persistence",
    of: cluster("Gateway", ["polling"]),
    fields: ["timeouts"],
    want: true,
  },
  {
    when: "polling, and an unknown form of persistence",
    of: cluster("Gateway", ["polling"]),
    fields: ["sessionPersistence", "sessionPersistence.magic"],
    want: true,
  },
  {
    when: "polling, and persistence in the form of releases 1.4 to 1.6",
    of: cluster("Gateway", ["polling"]),
    fields: ["sessionPersistence.sessionName"],
    want: false,
  },
  { when: "WebSocket-only clients", of: cluster("Gateway", ["websocket"]), fields: ["timeouts"], want: false },
  { when: "an Ingress", of: cluster("Ingress", ["polling"]), fields: ["timeouts"], want: false },
  {
    when: "no HTTPRoute, which another condition reports",
    of: cluster("Gateway", ["polling"]),
    fields: [],
    want: false,
  },
])("with $when, gives advice: $want", ({ of, fields, want }) => {
  expect(routeAdvice(of, new Set(fields)) !== undefined).toBe(want);
});
