import { describe, expect, test } from "@jest/globals";
import { bytesOf, EVERYWHERE, MessageRing, type Entry, type Message } from "./message-ring.ts";

let numbers = 0;
function message(room: string, atMs = 0, text: Buffer | undefined = Buffer.alloc(600)): Message {
  numbers += 1;
  return { origin: "origin", number: numbers, namespace: "/events", rooms: [room], except: [], text, atMs };
}
const logged = (s: number) => ({ era: 1, s, openFrom: undefined });
/** All fields of a mark. It must have no text: the text of an evicted message must not stay in memory. */
const markOf = ({ origin, number, era, s, index }: Entry) => ({ origin, number, era, s, index });
const textsIn = (ring: MessageRing, room: string): number => ring.in("/events", room).length;

describe("a ring", () => {
  test("holds no more bytes than it may, and evicts the oldest first", () => {
    const ring = new MessageRing({ maxBytes: 10_500, maxAgeMs: Infinity });
    const entries = Array.from({ length: 50 }, (_, at) => ring.add(message("red"), logged(at + 1)));
    expect(ring.bytes).toBeLessThanOrEqual(10_500);
    expect(ring.length).toBe(10);
    expect(ring.oldest).toBe(entries[40]);
    expect(bytesOf(entries[0]!)).toBeGreaterThan(600);
  });

  test("evicts what is too old", () => {
    const ring = new MessageRing({ maxBytes: Infinity, maxAgeMs: 1_000 });
    ring.add(message("red", 0), logged(1));
    ring.add(message("red", 900), logged(2));
    ring.evict(1_500);
    expect(textsIn(ring, "red")).toBe(1);
  });

  test("remembers for each room what was evicted from it, and nothing for a quiet one", () => {
    const ring = new MessageRing({ maxBytes: 5_000, maxAgeMs: Infinity });
    const entries = Array.from({ length: 20 }, (_, at) => ring.add(message("loud"), logged(at + 1)));
    ring.add(message("quiet"), logged(21));
    const [newest] = entries.slice(0, 20 - textsIn(ring, "loud")).reverse();
    expect(ring.evictedFrom("/events", "loud")).toEqual(markOf(newest!));
    expect(ring.evictedFrom("/events", "quiet")).toBeUndefined();
    expect(ring.evictedFrom("/messaging", "loud")).toBeUndefined();
  });

  test("says when the newest missing message came when it has evicted some", () => {
    const ring = new MessageRing({ maxBytes: Infinity, maxAgeMs: 1_000 });
    ring.add(message("red", 100), logged(1));
    ring.add(message("red", 900), logged(2));
    expect(ring.missingAtMs).toBeUndefined();
    ring.evict(1_500);
    expect(ring.missingAtMs).toBe(100);
  });

  test("counts what came before the next message as missing when its floor was raised", () => {
    const ring = new MessageRing({ maxBytes: Infinity, maxAgeMs: Infinity });
    ring.raiseFloor({ origin: "", number: 0, era: 1, s: 5, index: 0 });
    ring.add(message("red", 700), logged(6));
    ring.add(message("red", 900), logged(7));
    expect(ring.missingAtMs).toBe(700);
  });

  test("treats what came before a barrier as evicted from every room, and not as missing", () => {
    const ring = new MessageRing({ maxBytes: Infinity, maxAgeMs: Infinity });
    ring.add(message("red", 100), logged(1));
    const barrier = ring.add({ ...message("", 200, undefined), namespace: EVERYWHERE, rooms: [] }, logged(2));
    ring.add(message("red", 300), logged(3));
    expect(ring.evictedFrom("/events", "red")).toBe(barrier);
    expect(ring.evictedFrom("/messaging", "blue")).toBe(barrier);
    expect(ring.missingAtMs).toBeUndefined();
  });

  test("marks the room of a message that cannot be kept at once", () => {
    const ring = new MessageRing({ maxBytes: 5_000, maxAgeMs: Infinity });
    const whole = ring.add(message("red"), logged(1));
    const attached: Entry = ring.add({ ...message("red"), text: undefined }, logged(2));
    expect(ring.evictedFrom("/events", "red")).toBe(attached);
    expect(ring.in("/events", "red").at(0)).toBe(whole);
    for (let s = 3; s < 10; s += 1) ring.add(message("blue"), logged(s));
    expect(textsIn(ring, "red")).toBe(0);
    expect(ring.evictedFrom("/events", "red")).toBe(attached);
  });

  test("keeps the mark that is last in the log when entries were delivered in another order", () => {
    const ring = new MessageRing({ maxBytes: Infinity, maxAgeMs: 10 });
    const own = ring.add(message("red"), { era: 1, s: 0, openFrom: undefined });
    ring.add(message("red"), logged(4));
    own.s = 5;
    own.era = 1;
    ring.evict(1_000);
    expect(ring.evictedFrom("/events", "red")).toEqual(markOf(own));
  });

  test("forgets no room silently when it remembers more than it may", () => {
    const ring = new MessageRing({ maxBytes: 1, maxAgeMs: Infinity });
    for (let s = 1; s <= 100_010; s += 1) ring.add(message(`room ${s}`), logged(s));
    expect(ring.evictedFrom("/events", "room 100010")).toMatchObject({ s: 100_010 });
    expect(ring.evictedFrom("/events", "room 1")).toMatchObject({ s: 10 });
    expect(ring.evictedFrom("/events", "never heard of")).toMatchObject({ s: 10 });
  });
});
