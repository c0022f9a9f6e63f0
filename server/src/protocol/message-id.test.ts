import { expect, test } from "@jest/globals";
import { messageIdOf } from "./message-id.ts";

const message = { userId: "ada", namespace: "/messaging", room: "team", key: "k" };

test("gives the same UUID when everything is the same", () => {
  expect(messageIdOf(message)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(messageIdOf({ ...message })).toBe(messageIdOf(message));
});

test.each([
  ["the user", { userId: "bob" }],
  ["the namespace", { namespace: "/events" }],
  ["the room", { room: "other" }],
  ["the key", { key: "l" }],
  ["only the border between two of them", { room: "tea", key: "mk" }],
])("gives another one when %s is another", (_, other) => {
  expect(messageIdOf({ ...message, ...other })).not.toBe(messageIdOf(message));
});
