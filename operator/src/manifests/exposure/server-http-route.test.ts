import { expect, test } from "@jest/globals";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { routeAdvice } from "./server-http-route.ts";

const cluster = (type: string, transports: string[]) =>
  ({ spec: { exposure: { type }, transports } }) as RealtimeCluster;

test.each([
  {
    when: "polling at a Gateway whose routes have no persistence",
    of: cluster("Gateway", ["polling"]),
    fields: ["timeouts"],
    want: true,
  },
  {
    when: "a wording of persistence that is not known",
    of: cluster("Gateway", ["polling"]),
    fields: ["sessionPersistence", "sessionPersistence.magic"],
    want: true,
  },
  {
    when: "persistence as releases 1.4 to 1.6 have it",
    of: cluster("Gateway", ["polling"]),
    fields: ["sessionPersistence.sessionName"],
    want: false,
  },
  { when: "WebSocket only", of: cluster("Gateway", ["websocket"]), fields: ["timeouts"], want: false },
  { when: "an Ingress", of: cluster("Ingress", ["polling"]), fields: ["timeouts"], want: false },
  {
    when: "no HTTPRoute at all, which another condition says",
    of: cluster("Gateway", ["polling"]),
    fields: [],
    want: false,
  },
])("$when: advice is given: $want", ({ of, fields, want }) => {
  expect(routeAdvice(of, new Set(fields)) !== undefined).toBe(want);
});
