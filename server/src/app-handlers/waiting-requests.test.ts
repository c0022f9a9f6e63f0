import { expect, test } from "@jest/globals";
import { Caller, type HandlerRequest } from "./handler-request.ts";
import { WaitingRequests, type Waiting } from "./waiting-requests.ts";

const [ada, bob] = [{}, {}];

function waiting(id: string, sinceMs = 0, data = ""): Waiting {
  const fields = { namespace: "/", socketId: "", sessionId: "", user: "", claims: {}, headers: {} };
  const request: HandlerRequest = {
    ...{ id, kind: "event", payload: null, ack: false, orderKey: undefined, rooms: () => [] },
    caller: new Caller(fields),
  };
  return { request, data, sinceMs, resolve: () => undefined };
}

function queueOf(...entries: [key: object, id: string, sinceMs?: number][]): WaitingRequests {
  const queue = new WaitingRequests();
  for (const [key, id, sinceMs] of entries) expect(queue.add(key, waiting(id, sinceMs), 100)).toBe(true);
  return queue;
}

const nextOf = (queue: WaitingRequests) => queue.next()?.waiting.request.id;

test("gives the lanes turns, and of one lane the next only after the one before is done", () => {
  const queue = queueOf([ada, "a1"], [ada, "a2"], [ada, "a3"], [bob, "b1"]);
  const first = queue.next()!;
  expect([first.waiting.request.id, nextOf(queue), nextOf(queue)]).toEqual(["a1", "b1", undefined]);
  first.done();
  expect([nextOf(queue), nextOf(queue), queue.count]).toEqual(["a2", undefined, 1]);
});

test("refuses what has no place, and gives one lane half of the places", () => {
  const queue = new WaitingRequests();
  const adds = (key: object) => queue.add(key, waiting("x"), 4);
  expect([adds(ada), adds(ada), adds(ada), adds(bob), adds({}), adds({})]).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
});

test("refuses payloads beyond 8 MiB together", () => {
  const queue = new WaitingRequests();
  const large = waiting("x", 0, "x".repeat(5_000_000));
  expect([queue.add(ada, large, 10), queue.add(bob, large, 10)]).toEqual([true, false]);
  queue.takeAll();
  expect(queue.add(bob, large, 10)).toBe(true);
});

test("takes out what has waited for too long, and goes on with the rest", () => {
  const queue = queueOf([ada, "a1", 1], [ada, "a2", 5], [bob, "b1", 2], [{}, "c1", 9]);
  const ids = queue.takeExpired(5).map(({ request }) => request.id);
  expect([ids, queue.count]).toEqual([["a1", "b1"], 2]);
  expect([nextOf(queue), nextOf(queue), nextOf(queue)]).toEqual(["a2", "c1", undefined]);
  expect(queue.add(bob, waiting("b2"), 100)).toBe(true);
  expect(nextOf(queue)).toBe("b2");
});

test("keeps a lane that is being sent when all its waiting requests are taken out", () => {
  const queue = queueOf([ada, "a1"], [ada, "a2"]);
  const first = queue.next()!;
  expect(queue.takeAll().map(({ request }) => request.id)).toEqual(["a2"]);
  expect(queue.add(ada, waiting("a3"), 100)).toBe(true);
  expect(nextOf(queue)).toBeUndefined();
  first.done();
  expect(nextOf(queue)).toBe("a3");
});

test("makes a lane wait that is occupied", () => {
  const queue = new WaitingRequests();
  const done = queue.occupy(ada);
  queue.add(ada, waiting("a1"), 100);
  expect([queue.isUsed(ada), nextOf(queue)]).toEqual([true, undefined]);
  done();
  expect(nextOf(queue)).toBe("a1");
});
