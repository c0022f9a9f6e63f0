import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startApiServer, type ApiServer } from "./api-server.ts";
import { badEdits } from "./bad-edits.ts";
import { badMoveSpecs } from "./bad-move-specs.ts";
import { badSpecs } from "./bad-specs.ts";
import { badHandlerUrls } from "./handler-specs.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
}, 900_000);
afterAll(() => server.stop());

const jwt = { auth: { jwt: { secret: { name: "chat-jwt" } } } };
const clusterOf = (spec: object | undefined, name = "chat") => ({
  apiVersion: "realtime.dev/v1beta1",
  kind: "RealtimeCluster",
  metadata: { name, namespace: "default" },
  spec,
});

test.each([...badSpecs, ...badMoveSpecs])("refuses $when, with the field and what to do", async ({ spec, want }) => {
  expect(await server.attempt("create", clusterOf({ ...jwt, ...spec }))).toEqual({ refused: want });
});

test.each(badHandlerUrls)("refuses a handler at %s", async (url) => {
  const spec = { ...jwt, handlers: [{ name: "orders", url, events: ["order:*"] }] };
  expect(await server.attempt("create", clusterOf(spec))).toEqual({
    refused: expect.stringMatching(/^spec\.handlers\[0\]\.url: Invalid value: .* should match/) as unknown,
  });
});

test.each([
  {
    when: "begins with a digit",
    name: "1chat",
    want: "<nil>: Invalid value: metadata.name must begin with a letter and contain only a-z, 0-9 and -, because names of Services begin with it: rename the cluster",
  },
  {
    when: "has a dot",
    name: "chat.eu",
    want: "<nil>: Invalid value: metadata.name must begin with a letter and contain only a-z, 0-9 and -, because names of Services begin with it: rename the cluster",
  },
  {
    when: "has 41 characters",
    name: "a".repeat(41),
    want: "<nil>: Invalid value: metadata.name must be at most 40 characters, so that the names of its objects fit: choose a shorter name",
  },
])("a name that $when is refused", async ({ name, want }) => {
  expect(await server.attempt("create", clusterOf(jwt, name))).toEqual({ refused: want });
});

test("refuses a cluster without a spec", async () => {
  expect(await server.attempt("create", clusterOf(undefined))).toEqual({
    refused: expect.stringContaining("spec: Required value") as unknown,
  });
});

test.each(badEdits)("$when", async ({ from, to, want }) => {
  await server.kubectl(["delete", "rtc", "chat", "--ignore-not-found"]);
  await server.kubectl(["create", "-f", "-"], { input: JSON.stringify(clusterOf({ ...jwt, ...from })) });
  const answer = await server.attempt("replace", clusterOf({ ...jwt, ...to }));
  expect(answer).toEqual(want === "accepted" ? { stored: expect.anything() as unknown } : { refused: want });
});
