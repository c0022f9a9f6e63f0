import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Socket } from "socket.io";
import { Adapter } from "socket.io-adapter";
import { engineSocketOf } from "../../internals/socket-io.ts";
import { noBus } from "../bus/no-bus.ts";
import { gatewayAdapter } from "../gateway-adapter.ts";
import { startRig, type Connected, type Rig } from "../../../test/support/rig.ts";

/*
 * Runs the same random program on stock Socket.IO and on the fast path. Every client must get the same events in the
 * same order.
 * Exception: a client may miss a volatile message, but must never get it twice or out of order.
 */
const NAMESPACES = ["/", "/other"];
const CLIENTS = 3;
const who = fc.nat(CLIENTS - 1);
const where = fc.constantFrom(...NAMESPACES);
const room = fc.constantFrom("red", "blue");
const content = fc.oneof(
  fc.constant("tiny"),
  fc.constant("ü€😀"),
  fc.constant("m".repeat(200)),
  fc.constant("l".repeat(70_000)),
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("join" as const), who, where, room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), who, where, room }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("to room" as const), where, room, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("to both rooms" as const), where, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("to all" as const), where, content }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("to all but" as const), who, where, room, content }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("direct" as const), who, where, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("volatile" as const), where, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("volatile direct" as const), who, where, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("binary" as const), where, room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("binary direct" as const), who, where }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ask" as const), who, where, room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("ping" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("jam" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unjam" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kick" as const), who, where }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), who }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Seen = string[];

interface Person {
  sockets: Map<string, Connected>;
  seen: Map<string, Seen>;
  jams: number;
}

let stock: Rig;
let oneByOne: Rig;
let shared: Rig;
beforeAll(async () => {
  stock = await startRig(Adapter);
  oneByOne = await startRig(gatewayAdapter(noBus(), { sharedFromMembers: CLIENTS + 1 }));
  shared = await startRig(gatewayAdapter(noBus(), { sharedFromMembers: 1 }));
  for (const rig of [stock, oneByOne, shared]) for (const namespace of NAMESPACES) rig.io.of(namespace);
});
afterAll(async () => {
  await stock.close();
  await oneByOne.close();
  await shared.close();
});

async function arrive(rig: Rig): Promise<Person> {
  const sockets = new Map([["/", await rig.connect()]]);
  sockets.set("/other", await rig.enter(sockets.get("/")!, "/other"));
  const seen = new Map<string, Seen>();
  for (const [namespace, { client }] of sockets) {
    const log: Seen = [];
    seen.set(namespace, log);
    client.onAny((event: string, ...args: unknown[]) => log.push(`${event} ${describeArguments(args)}`));
    client.on("disconnect", (reason) => log.push(`disconnect ${reason}`));
  }
  return { sockets, seen, jams: 0 };
}

const describeArguments = (args: unknown[]) =>
  args.map((each) => (Buffer.isBuffer(each) ? `bytes ${each.toString("hex")}` : String(each).slice(0, 20))).join(",");

const tcpSocketOf = (person: Person) => engineSocketOf(person.sockets.get("/")!.serverSocket).transport.socket?._socket;

interface Stage {
  rig: Rig;
  people: Person[];
  /** The event name contains the number of the step, so a failed test shows which message arrived. */
  name: string;
  number: number;
}
type Performers = { [Do in Step["do"]]: (stage: Stage, step: Extract<Step, { do: Do }>) => void | Promise<void> };

const socketOf = ({ people }: Stage, person: number, namespace: string): Socket =>
  people[person]!.sockets.get(namespace)!.serverSocket;

const performers: Performers = {
  join: (stage, { who, where, room }) => void socketOf(stage, who, where).join(room),
  leave: (stage, { who, where, room }) => void socketOf(stage, who, where).leave(room),
  "to room": ({ rig, name }, { where, room, content }) => void rig.io.of(where).to(room).emit(name, content),
  "to both rooms": ({ rig, name }, { where, content }) =>
    void rig.io.of(where).to("red").to("blue").emit(name, content),
  "to all": ({ rig, name }, { where, content }) => void rig.io.of(where).emit(name, content),
  "to all but": (stage, { who, where, room, content }) =>
    void socketOf(stage, who, where).broadcast.except(room).emit(stage.name, content),
  direct: (stage, { who, where, content }) => void socketOf(stage, who, where).emit(stage.name, content),
  volatile: ({ rig, name }, { where, content }) => void rig.io.of(where).volatile.emit(name, content),
  "volatile direct": (stage, { who, where, content }) =>
    void socketOf(stage, who, where).volatile.emit(stage.name, content),
  binary: ({ rig, name, number }, { where, room }) =>
    void rig.io
      .of(where)
      .to(room)
      .emit(name, Buffer.from([number]), "text"),
  "binary direct": (stage, { who, where }) =>
    void socketOf(stage, who, where).emit(stage.name, Buffer.from([stage.number])),
  ask: ({ rig, people, name }, { who, where, room }) =>
    ask(people[who]!.sockets.get(where)!, name, () => rig.io.of(where).to(room).emit(name, "told")),
  // Sends a heartbeat. engine.io writes it between two messages.
  ping(stage, { who }) {
    const engineSocket = engineSocketOf(socketOf(stage, who, "/")) as unknown as { sendPacket(type: string): void };
    engineSocket.sendPacket("ping");
  },
  turn: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
  jam({ people }, { who }) {
    people[who]!.jams += 1;
    tcpSocketOf(people[who]!)?.cork();
  },
  unjam({ people }, { who }) {
    if (people[who]!.jams === 0) return;
    people[who]!.jams -= 1;
    tcpSocketOf(people[who]!)?.uncork();
  },
  kick: (stage, { who, where }) => void socketOf(stage, who, where).disconnect(),
  close: (stage, { who }) => void socketOf(stage, who, "/").disconnect(true),
};

async function perform(rig: Rig, people: Person[], step: Step, number: number): Promise<void> {
  const performer = performers[step.do] as (stage: Stage, step: Step) => void | Promise<void>;
  await performer({ rig, people, name: `${step.do} ${number}`, number }, step);
}

/**
 * Lets the client send the event `name`. In one callback, the server emits to the room, acknowledges the client's
 * request, and emits to the room again.
 */
async function ask({ client, serverSocket }: Connected, name: string, tell: () => void): Promise<void> {
  if (!client.connected || !serverSocket.connected) return;
  const handled = new Promise<void>((resolve) => {
    serverSocket.once(name, (answer: (value: string) => void) => {
      tell();
      answer("answered");
      tell();
      resolve();
    });
    serverSocket.once("disconnect", () => resolve());
    client.once("disconnect", () => resolve());
  });
  client.emit(name, (value: string) =>
    client.listenersAny().forEach((log) => (log as (...a: unknown[]) => void)(name, value)),
  );
  await handled;
}

async function run(rig: Rig, program: Step[]): Promise<Map<string, Seen>[]> {
  const people: Person[] = [];
  for (let arrivals = 0; arrivals < CLIENTS; arrivals += 1) people.push(await arrive(rig));
  for (const [number, each] of program.entries()) await perform(rig, people, each, number);
  for (const person of people) {
    while (person.jams-- > 0) tcpSocketOf(person)?.uncork();
    for (const { client, serverSocket } of person.sockets.values()) {
      if (!client.connected) continue;
      const ended = new Promise<void>((resolve) => {
        client.once("end", resolve);
        client.once("disconnect", () => resolve());
      });
      serverSocket.emit("end");
      await ended;
    }
  }
  for (const person of people) person.sockets.get("/")!.client.io._close();
  return people.map((person) => person.seen);
}

const lasting = (seen: Seen) => seen.filter((line) => !line.startsWith("volatile"));
const numbers = (seen: Seen) =>
  seen.flatMap((line) => (/^volatile[a-z ]* (\d+)/.exec(line) ?? []).slice(1).map(Number));

describe("the same program through the fast path and through stock Socket.IO", () => {
  test("shows every client the same, in the same order", async () => {
    const programs = fc.array(step, { minLength: 1, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const want = await run(stock, program);
        for (const fast of [oneByOne, shared]) {
          for (const [index, namespaces] of (await run(fast, program)).entries()) {
            for (const [namespace, seen] of namespaces) {
              expect(lasting(seen)).toEqual(lasting(want[index]!.get(namespace)!));
              const volatile = numbers(seen);
              expect(volatile).toEqual([...new Set(volatile)].sort((a, b) => a - b));
            }
          }
        }
      }),
      {
        numRuns: Number(process.env["FANOUT_RUNS"] ?? 60),
        interruptAfterTimeLimit: 40_000,
        markInterruptAsFailure: false,
      },
    );
  }, 60_000);
});
