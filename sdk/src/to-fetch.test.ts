import { createSecretKey } from "node:crypto";
import { expect, test } from "@jest/globals";
import { signatureOf } from "../../server/src/app-handlers/signature.ts";
import { HandlerError, handlers, toFetch } from "./handlers.ts";

const SECRET = "a-secret-of-32-bytes-for-handlers";
const OLD_SECRET = "an-old-secret-that-is-being-replaced";
const NOW_MS = 1_800_000_000_000;
const errors: unknown[] = [];
const answer = toFetch(
  handlers({
    "order:place": { handle: (_context, data) => ({ got: data }) },
    "order:lose": {
      handle() {
        throw new Error("the password is 1234");
      },
    },
    "order:refuse": {
      handle() {
        throw new HandlerError("SOLD_OUT", "no more", { retryAfter: 3 });
      },
    },
    "order:circle": {
      handle() {
        const circle: { self?: unknown } = {};
        return (circle.self = circle);
      },
    },
  }),
  {
    ...{ secret: [SECRET, OLD_SECRET], maxBodyBytes: 1_000, nowMs: () => NOW_MS },
    onError: (error) => void errors.push(error),
  },
);

interface Post {
  secret?: string;
  signedMs?: number;
  signature?: string;
  method?: string;
  text?: string;
}

async function post(fields: object, { secret = SECRET, signedMs = NOW_MS, ...more }: Post = {}) {
  const text =
    more.text ?? JSON.stringify({ version: 1, id: "1", kind: "event", cluster: "shop", data: null, ...fields });
  const signature = more.signature ?? signatureOf(text, createSecretKey(Buffer.from(secret)), signedMs);
  const method = more.method ?? "POST";
  const response = await answer(
    new Request("http://handler/", {
      ...{ method, headers: { "x-realtime-signature": signature } },
      ...(method === "GET" ? {} : { body: text }),
    }),
  );
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text(), response };
}
const place = { event: "order:place", data: { item: "té" } };

test("answers a request that a gateway has signed, with either secret", async () => {
  const json = { status: 200, type: "application/json", text: '{"ack":{"got":{"item":"té"}}}' };
  expect(await post(place)).toMatchObject(json);
  expect(await post(place, { secret: OLD_SECRET })).toMatchObject(json);
});

test.each<[string, Post]>([
  ["another secret", { secret: "another-secret-of-at-least-32-bytes" }],
  ["a time that is too old", { signedMs: NOW_MS - 301_000 }],
  ["a time in the future", { signedMs: NOW_MS + 302_000 }],
  ["no signature", { signature: "" }],
  ["a short signature", { signature: `t=${NOW_MS / 1_000},v1=00` }],
  ["a wrong signature", { signature: `t=${NOW_MS / 1_000},v1=${"0".repeat(64)}` }],
])("answers 401 for %s", async (_name, how) => {
  expect(await post(place, how)).toMatchObject({ status: 401 });
});

test("accepts a time within the window", async () => {
  for (const signedMs of [NOW_MS - 299_000, NOW_MS + 299_000])
    expect(await post(place, { signedMs })).toMatchObject({ status: 200 });
});

test("gives a refusal status 200", async () => {
  expect(await post({ event: "order:refuse" })).toMatchObject({
    ...{ status: 200, text: '{"error":{"code":"SOLD_OUT","message":"no more","retryAfter":3}}' },
  });
});

test("answers 500 without what the handler threw, and reports it", async () => {
  const lost = await post({ event: "order:lose" });
  expect(lost).toMatchObject({ status: 500, text: '{"title":"the handler failed"}' });
  expect(errors.at(-1)).toMatchObject({ message: "the password is 1234" });
  expect(await post({ event: "order:circle" })).toMatchObject({ status: 500 });
});

test("names what it does not accept", async () => {
  expect(await post({ event: "cart:add" })).toMatchObject({ status: 404, text: expect.stringContaining("cart:add") });
  expect(await post({ ...place, version: 2 })).toMatchObject({
    status: 400,
    text: expect.stringContaining("version 2"),
  });
  expect(await post({}, { text: "{" })).toMatchObject({ status: 400, text: expect.stringContaining("not JSON") });
  expect(await post({}, { text: "null" })).toMatchObject({ status: 400 });
  expect(await post({ ...place, data: "x".repeat(1_000) })).toMatchObject({ status: 413 });
  const got = await post({}, { method: "GET" });
  expect([got.status, got.response.headers.get("allow")]).toEqual([405, "POST"]);
});

test("refuses a secret that is missing or short", () => {
  const app = handlers({ "a:b": { handle: () => 1 } });
  for (const secret of [undefined, "", "short", [], [SECRET, ""]])
    expect(() => toFetch(app, { secret: secret as string })).toThrow("HANDLER_SECRET");
});
