import { expect, test } from "@jest/globals";
import { COUNT_EVERY_MS, LARGE_ROOM } from "../../src/protocol/presence.ts";
import { stage } from "../support/stage.ts";

const on = stage();

test("sends a count at most once a second instead of joins and leaves when a room is large", async () => {
  const gateway = await on.gateway();
  const ada = await on.connect(gateway, { user: "ada" });
  await ada.ask("join_room", { room: "hall" });
  const others = await Promise.all(
    Array.from({ length: LARGE_ROOM - 2 }, () => on.connect(gateway, { user: "crowd" })),
  );
  for (const other of others) await other.ask("join_room", { room: "hall" });
  await ada.next("user_joined", ({ participantCount }) => participantCount === LARGE_ROOM - 1);
  expect(ada.all("presence")).toEqual([]);

  const late = await Promise.all(Array.from({ length: 20 }, () => on.connect(gateway, { user: "late" })));
  const startedAtMs = performance.now();
  for (const each of late) expect(await each.ask("join_room", { room: "hall" })).toMatchObject({ success: true });
  await ada.next("presence", ({ participantCount }) => participantCount === LARGE_ROOM + 19);
  late[0]!.close();
  await late[1]!.ask("leave_room", { room: "hall" });
  await ada.next("presence", ({ participantCount }) => participantCount === LARGE_ROOM + 17);

  const seconds = (performance.now() - startedAtMs) / COUNT_EVERY_MS;
  expect(ada.all("presence").length).toBeLessThanOrEqual(Math.floor(seconds) + 1);
  expect(ada.all("user_joined")).toHaveLength(LARGE_ROOM - 2);
  expect(ada.all("user_left")).toEqual([]);
});

test("ends with the same count on two gateways", async () => {
  const { gateways } = await on.cluster(2);
  const [here, there] = gateways;
  const ada = await on.connect(here!, { user: "ada" });
  await ada.ask("join_room", { room: "hall" });
  const others = await Promise.all(
    Array.from({ length: LARGE_ROOM + 20 }, (_, index) =>
      on.connect(index % 2 === 0 ? here! : there!, { user: "crowd" }),
    ),
  );
  await Promise.all(others.map((other) => other.ask("join_room", { room: "hall" })));
  await ada.next("presence", ({ participantCount }) => participantCount === LARGE_ROOM + 21);
  expect(ada.all("presence").at(-1)).toEqual({ room: "hall", participantCount: LARGE_ROOM + 21 });
});
