import { expect, test } from "@jest/globals";
import { Delivered } from "../delivered.ts";
import { isRepeated, type Message } from "../message-ring.ts";
import { missedMessages } from "./missed-messages.ts";
import { parseOffset, type Offset } from "../offset.ts";

const message = (origin: string, number: number, id?: string): Message => ({
  ...{ origin, number, namespace: "/", rooms: ["team"], except: [], atMs: 0, id },
  text: Buffer.from(`${origin} ${number}`),
});

/** A gateway that has read three log entries. Entries 1 and 3 are the same message, which two gateways sent. */
function gatewayWithCopies(): Delivered {
  const delivered = new Delivered("origin01", { maxBytes: 1_000_000, maxAgeMs: 60_000 });
  delivered.begin({ era: 1, previous: 0, boundary: 0, at: new Map() }, 0);
  delivered.receive(1, message("origin02", 1, "the id"));
  delivered.receive(2, message("origin02", 2));
  delivered.receive(3, message("origin03", 1, "the id"));
  return delivered;
}

function missed(delivered: Delivered, offset: Offset | undefined): string[] {
  const rooms = new Map([["team", undefined]]);
  const found = missedMessages(delivered, offset!, { namespace: "/", rooms });
  return "entries" in found ? found.entries.map(({ text }) => String(text)) : [];
}

test("the second of two messages with one id is known as repeated", () => {
  const delivered = gatewayWithCopies();
  const entries = [1, 2].map((number) => delivered.ring.of("origin02").at(number - 1)!);
  expect([...entries, delivered.ring.of("origin03").at(0)!].map(isRepeated)).toEqual([false, false, true]);
});

test.each([
  { when: "it has neither", offset: "1.0", want: ["origin02 1", "origin02 2"] },
  { when: "it has the first", offset: "1.1", want: ["origin02 2"] },
  { when: "it has the second, from the gateway that sent it", offset: "1.0.origin03.1", want: ["origin02 2"] },
  { when: "it has both", offset: "1.3", want: [] },
])("a client gets one of two messages with one id when $when", ({ offset, want }) => {
  expect(missed(gatewayWithCopies(), parseOffset(offset))).toEqual(want);
});

test("an id is known as long as one of its messages is kept", () => {
  const delivered = new Delivered("origin01", { maxBytes: 1_000_000, maxAgeMs: 60_000 });
  delivered.begin({ era: 1, previous: 0, boundary: 0, at: new Map() }, 0);
  delivered.receive(1, { ...message("origin02", 1, "the id"), atMs: 0 });
  delivered.receive(2, { ...message("origin03", 1, "the id"), atMs: 50_000 });
  delivered.ring.evict(70_000);
  expect(delivered.ring.withId("the id")?.origin).toBe("origin03");
  delivered.ring.evict(120_000);
  expect(delivered.ring.withId("the id")).toBeUndefined();
});
