import { expect, test } from "@jest/globals";
import { shareOf } from "./share-of.ts";

const limits = {
  maxConnections: 100,
  maxConnectionsPerUser: 5,
  maxRoomsPerUser: 50,
  maxEventsPerMinute: 100,
  maxMessageBytes: 1000,
  maxConnectionsPerAddress: 10,
  maxQueuedBytes: 2000,
};

test.each([1, 2, 3, 7, 100])(
  "the shares of %i nodes together are within what is counted for the cluster, wherever a node may have one at all",
  (nodes) => {
    const share = shareOf(limits, nodes);
    for (const name of [
      "maxConnections",
      "maxConnectionsPerUser",
      "maxRoomsPerUser",
      "maxEventsPerMinute",
      "maxConnectionsPerAddress",
    ] as const) {
      expect(share[name]).toBeGreaterThanOrEqual(1);
      if (limits[name] >= nodes) expect(share[name] * nodes).toBeLessThanOrEqual(limits[name]);
    }
  },
);

test("what holds for each message or connection is not shared out", () => {
  expect(shareOf(limits, 7)).toMatchObject({ maxMessageBytes: 1000, maxQueuedBytes: 2000 });
});
