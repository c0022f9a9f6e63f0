import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { until } from "../../../testkit/until.ts";
import { stage } from "../support/stage.ts";
import { handlersEnvironment, startAppServer } from "./app-server.ts";

const on = stage();

test("every event is answered, none reaches a handler twice and none is overtaken, while the handler restarts", async () => {
  const app = await startAppServer(async ({ body }) => {
    await sleep(2);
    return { ack: body.data };
  });
  on.defer(() => app.stop());
  const entry = { name: "orders", url: app.url, events: ["order:*"] };
  const { gateways } = await on.cluster(2, handlersEnvironment(entry));
  const users = ["ada", "bob", "carl", "dora"];
  const clients = await Promise.all(users.map((user, index) => on.connect(gateways[index % 2]!, { user })));
  let isOver = false;
  const answers = clients.map(async (client) => {
    const seen: unknown[] = [];
    for (let number = 0; !isOver; number += 1) seen.push(await client.ask("order:place", number));
    return seen;
  });
  for (let restarts = 1; restarts <= 3; restarts += 1) {
    await until("more events", async () => app.got.length >= restarts * 100, 20_000, 2);
    await app.stop();
    await app.restart();
  }
  const before = app.got.length;
  await until("events after the last restart", async () => app.got.length >= before + 100, 20_000, 2);
  isOver = true;
  const all = await Promise.all(answers);
  for (const [index, seen] of all.entries()) {
    const got = app.got.filter(({ body }) => body["user"] === users[index]).map(({ body }) => body.data as number);
    expect(got).toEqual([...new Set(got)].sort((one, other) => one - other));
    // Each event was either refused as HANDLER_UNAVAILABLE, or it was acknowledged and has reached the handler.
    for (const [number, answer] of seen.entries()) {
      if (typeof answer === "object") expect(answer).toMatchObject({ code: "HANDLER_UNAVAILABLE" });
      else expect([answer, got.includes(number)]).toEqual([number, true]);
    }
  }
  expect(new Set(app.got.map(({ body }) => body.id)).size).toBe(app.got.length);
  for (const { disconnects } of clients) expect(disconnects).toEqual([]);
});
