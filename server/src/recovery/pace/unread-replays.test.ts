import { expect, test } from "@jest/globals";
import { UnreadReplays, type Reader } from "./unread-replays.ts";

const MEBIBYTE = 1024 * 1024;

interface Crowd {
  replays: UnreadReplays;
  readers: (Reader & { unread: number; isCut: boolean })[];
  pass: (ms: number) => void;
}

function crowd(count: number): Crowd {
  let nowMs = 0;
  const replays = new UnreadReplays(() => nowMs);
  const readers = Array.from({ length: count }, () => {
    const reader = {
      ...{ unread: MEBIBYTE, isCut: false },
      queuedBytes: () => (reader.isCut ? 0 : reader.unread),
      cut: () => void (reader.isCut = true),
    };
    replays.sent(reader, MEBIBYTE);
    return reader;
  });
  return { replays, readers, pass: (ms) => void (nowMs += ms) };
}

test("lets nobody in when more than 32 MiB are unread, until some were read", () => {
  expect(crowd(32).replays.areTooMany()).toBe(false);
  const { replays, readers } = crowd(33);
  expect(replays.areTooMany()).toBe(true);
  readers[0]!.unread = 0;
  expect(replays.areTooMany()).toBe(false);
});

test("forgets readers that have read everything, also when few bytes were sent", () => {
  const replays = new UnreadReplays(() => 0);
  for (let count = 0; count < 10_000; count += 1) replays.sent({ queuedBytes: () => 0, cut: () => undefined }, 1);
  expect(replays.remembered).toBeLessThanOrEqual(1_000);
});

test("cuts those that hold up the others for more than five seconds", () => {
  const { replays, readers, pass } = crowd(40);
  pass(5_000);
  replays.areTooMany();
  expect(readers.some(({ isCut }) => isCut)).toBe(false);
  pass(1);
  expect(replays.areTooMany()).toBe(true);
  expect(readers.every(({ isCut }) => isCut)).toBe(true);
  expect(replays.areTooMany()).toBe(false);
});
