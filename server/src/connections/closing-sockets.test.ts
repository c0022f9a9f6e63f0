import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import { ClosingSockets } from "./closing-sockets.ts";

class FakeSocket extends EventEmitter {
  readonly did: string[] = [];
  pause = (): void => void this.did.push("paused");
  terminate = (): void => void this.did.push("terminated");
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test.each<{ name: string; manner: "in order" | "broke the protocol"; want: string[] }>([
  { name: "reads on, and leaves the end to ws, when the client closes in order", manner: "in order", want: [] },
  {
    name: "reads no more and cuts at the next pass when the client broke the protocol",
    manner: "broke the protocol",
    want: ["paused", "terminated"],
  },
])("$name", async ({ manner, want }) => {
  const closing = new ClosingSockets();
  const socket = new FakeSocket();
  closing.add(socket, manner);
  expect(socket.did).toEqual([]);
  await turn();
  closing.cutUnread();
  closing.cutUnread();
  expect(socket.did).toEqual(want);
});

test("forgets a socket that has closed", () => {
  const closing = new ClosingSockets();
  const socket = new FakeSocket();
  closing.add(socket, "broke the protocol");
  socket.emit("close");
  closing.cutUnread();
  expect(socket.did).toEqual([]);
});

test.each(["in order", "broke the protocol"] as const)(
  "cuts the oldest of too many sockets that close %s",
  (manner) => {
    const closing = new ClosingSockets();
    const sockets = Array.from({ length: 2_000 }, () => new FakeSocket());
    for (const socket of sockets) closing.add(socket, manner);
    const cut = sockets.map(({ did }) => did.includes("terminated"));
    expect(cut.filter((isCut) => !isCut)).toHaveLength(512);
    expect(cut.lastIndexOf(true)).toBe(2_000 - 512 - 1);
  },
);
