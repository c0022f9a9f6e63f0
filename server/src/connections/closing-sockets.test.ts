import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import { ClosingWires } from "./closing-sockets.ts";

class Wire extends EventEmitter {
  readonly did: string[] = [];
  pause = (): void => void this.did.push("paused");
  terminate = (): void => void this.did.push("terminated");
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test.each<{ name: string; manner: "in order" | "broke the protocol"; want: string[] }>([
  { name: "who closes in order is read, and left to ws", manner: "in order", want: [] },
  {
    name: "who broke the protocol is not read any more and cut at the next look",
    manner: "broke the protocol",
    want: ["paused", "terminated"],
  },
])("$name", async ({ manner, want }) => {
  const closing = new ClosingWires();
  const wire = new Wire();
  closing.add(wire, manner);
  expect(wire.did).toEqual([]);
  await turn();
  closing.look();
  closing.look();
  expect(wire.did).toEqual(want);
});

test("a wire that has closed is let go of", () => {
  const closing = new ClosingWires();
  const wire = new Wire();
  closing.add(wire, "broke the protocol");
  wire.emit("close");
  closing.look();
  expect(wire.did).toEqual([]);
});

test.each(["in order", "broke the protocol"] as const)(
  "of those that close %s there are never more than some hundred, and the oldest go",
  (manner) => {
    const closing = new ClosingWires();
    const wires = Array.from({ length: 2_000 }, () => new Wire());
    for (const wire of wires) closing.add(wire, manner);
    const cut = wires.map(({ did }) => did.includes("terminated"));
    expect(cut.filter((isCut) => !isCut)).toHaveLength(512);
    expect(cut.lastIndexOf(true)).toBe(2_000 - 512 - 1);
  },
);
