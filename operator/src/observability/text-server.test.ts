import { afterEach, expect, test } from "@jest/globals";
import { textServer, type TextServer } from "./text-server.ts";

const servers: TextServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start() {
  const server = await textServer(0, {
    "/ok": () => ({ status: 200, body: "fine\n" }),
    "/json": async () => ({ status: 418, body: "{}", contentType: "application/json" }),
    "/broken": () => {
      throw new Error("a bug");
    },
  });
  servers.push(server);
  return async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
}

test("answers with what the route returns", async () => {
  const ask = await start();
  expect(await ask("/ok?verbose")).toEqual({ status: 200, type: "text/plain", text: "fine\n" });
  expect(await ask("/json")).toEqual({ status: 418, type: "application/json", text: "{}" });
});

test.each([
  ["/", "GET"],
  ["/ok/", "GET"],
  ["/ok", "POST"],
  ["/constructor", "GET"],
  ["/__proto__", "GET"],
])("%s by %s is a 404 that lists the routes", async (path, method) => {
  expect(await (await start())(path, method)).toEqual({
    status: 404,
    type: "text/plain",
    text: "there is /ok and /json and /broken\n",
  });
});

test("answers 500 when a route throws, and keeps serving", async () => {
  const ask = await start();
  expect((await ask("/broken")).status).toBe(500);
  expect((await ask("/ok")).status).toBe(200);
});

test("rejects when the port is taken", async () => {
  await start();
  await expect(textServer(servers[0]!.port, {})).rejects.toMatchObject({ code: "EADDRINUSE" });
});
