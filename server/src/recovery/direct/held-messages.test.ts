import { expect, test } from "@jest/globals";
import { HeldMessages } from "./held-messages.ts";
import type { Message } from "../message-ring.ts";

function message(origin: string, number: number): Message {
  return { origin, number, namespace: "/events", rooms: ["red"], except: [], text: Buffer.from("text"), atMs: 0 };
}
const numbersOf = (messages: readonly Message[]): number[] => messages.map(({ number }) => number);

test("gives the message that continues what was delivered, and drops those that were delivered in another way", () => {
  const held = new HeldMessages();
  for (const number of [3, 4, 5, 7]) held.hold(message("one", number));
  expect(held.takeNext("one", 1)).toBeUndefined();
  expect(held.takeNext("one", 2)?.number).toBe(3);
  expect(held.takeNext("one", 4)?.number).toBe(5);
  expect(held.takeNext("one", 5)).toBeUndefined();
  expect(held.takeNext("other", 6)).toBeUndefined();
  expect(held.takeNext("one", 6)?.number).toBe(7);
  expect(held.takeNext("one", 7)).toBeUndefined();
});

test("gives the first message of each origin when the missing one has not come for three ticks", () => {
  const held = new HeldMessages();
  for (const number of [4, 3]) held.hold(message("one", number));
  expect([held.takeOverdue(), held.takeOverdue()]).toEqual([[], []]);
  held.hold(message("two", 9));
  expect(held.takeOverdue()).toEqual([]);
  expect(numbersOf(held.takeOverdue())).toEqual([3]);
  expect(held.takeOverdue()).toEqual([]);
  expect(numbersOf(held.takeOverdue())).toEqual([9]);
});

test("waits for nothing when it holds too many messages", () => {
  const held = new HeldMessages();
  for (let number = 2; !held.isFull; number += 1) held.hold(message("one", number));
  expect(numbersOf(held.takeOverdue())).toEqual([2]);
  expect(held.isFull).toBe(false);
});
