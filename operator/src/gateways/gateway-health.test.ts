import { expect, test } from "@jest/globals";
import { REBALANCING, servesClients } from "./gateway-health.ts";

const drain = { isDraining: true, connectionsLeft: 0 };

test.each([
  { when: "it accepts new clients", health: {}, want: true },
  { when: "it is closed while it moves connections", health: { reason: REBALANCING }, want: true },
  { when: "it drains and its pod is still ready", health: { drain }, want: false },
  { when: "it has not reached Redis yet", health: { reason: "Redis has not been reached yet" }, want: false },
])("counts a gateway in a rebalance when $when: $want", ({ health, want }) => {
  expect(servesClients({ status: "ok", connections: 5, ...health })).toBe(want);
});
