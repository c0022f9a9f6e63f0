import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { frame, openRawSocket, opcodes } from "../../testkit/raw-socket.ts";
import { signToken } from "../../testkit/sign-token.ts";
import { LightClient, maskedFrame, readBuffer } from "../load/light-client.ts";
import { SECRET, type Service } from "./service.ts";

/**
 * `run` acts as one attacker until `isOver` returns true. An attacker has one connection at a time and valid tokens of
 * a few users. It reconnects whenever it is disconnected.
 */
export interface Attack {
  name: string;
  /**
   * The layer that the attack targets. Attacks on the WebSocket layer run against two versions of ws, all others
   * against one.
   */
  layer: "WebSocket" | "Socket.IO";
  run: (service: Service, isOver: () => boolean) => Promise<void>;
}

const USERS = 50;
const HALF_OPEN = 5_000;
const ROOM = "attacked";
const buffer = readBuffer();

const text = (packet: string): Buffer => (packet.length < 65_536 ? maskedFrame(packet) : frame(opcodes.text, packet));
const prefixOf = ({ namespace }: Service): string => (namespace === "/" ? "42" : `42${namespace},`);
const enterOf = (service: Service, room: string): Buffer =>
  text(
    `${prefixOf(service)}${JSON.stringify(service.namespace === "/" ? ["enter", { room }] : ["join_room", { room }])}`,
  );
const messageOf = (service: Service, message: string): Buffer =>
  text(`${prefixOf(service)}["send_message",{"room":"${ROOM}","message":${message}}]`);

export const attacks: readonly Attack[] = [
  { name: "a slow reader in a room of 25 MB/s", layer: "Socket.IO", run: slowReader },
  {
    name: "pings whose pongs are not read",
    layer: "WebSocket",
    run: floods(() => Buffer.concat(Array<Buffer>(500).fill(frame(opcodes.ping, Buffer.alloc(125)))), "deaf"),
  },
  {
    name: "a message in endless fragments",
    layer: "WebSocket",
    run: floods(
      () => Buffer.concat(Array<Buffer>(5_000).fill(frame(opcodes.continuation, "x", { isLast: false }))),
      "reading",
      () => frame(opcodes.text, "4", { isLast: false }),
    ),
  },
  { name: `${HALF_OPEN.toLocaleString("en")} sockets that never enter`, layer: "Socket.IO", run: halfOpen },
  {
    name: "events whose answers are not read",
    layer: "Socket.IO",
    run: floods(
      (service) => Buffer.concat(Array<Buffer>(500).fill(messageOf(service, '"x"'))),
      "deaf",
      (service) => enterOf(service, ROOM),
    ),
  },
  {
    name: "messages of 1 MB that consist of numbers",
    layer: "Socket.IO",
    run: floods(
      (service) => messageOf(service, `[${"7,".repeat(450_000)}7]`),
      "reading",
      (service) => enterOf(service, ROOM),
    ),
  },
  {
    name: "messages of 1 MB that consist of brackets",
    layer: "Socket.IO",
    run: floods(
      (service) => messageOf(service, "[".repeat(450_000) + "]".repeat(450_000)),
      "reading",
      (service) => enterOf(service, ROOM),
    ),
  },
  { name: "joins of rooms with new names", layer: "Socket.IO", run: roomNames },
];

let users = 0;
async function attacker({ port, namespace }: Service): Promise<Socket | undefined> {
  const token = await signToken(SECRET, { sub: `attacker-${users++ % USERS}`, rooms: ["*"] });
  return LightClient.open({ port, namespace, token }, buffer).then(
    ({ socket }) => socket,
    () => undefined,
  );
}

/**
 * An attack that repeats the same write, and reconnects when the server disconnects it. A "deaf" attacker never reads.
 */
function floods(
  chunkFor: (service: Service) => Buffer,
  manner: "deaf" | "reading",
  firstFor?: (service: Service) => Buffer,
): Attack["run"] {
  return async (service, isOver) => {
    const chunk = chunkFor(service);
    await again(service, isOver, async (socket) => {
      if (firstFor !== undefined) socket.write(firstFor(service));
      if (manner === "deaf") socket.pause();
      while (!isOver() && !socket.destroyed) await write(socket, chunk);
    });
  };
}

async function slowReader(service: Service, isOver: () => boolean): Promise<void> {
  const message = "x".repeat(65_536);
  const timer = setInterval(() => {
    for (let count = 0; count < 4; count += 1) void service.publish(ROOM, message).catch(() => undefined);
  }, 10);
  await again(service, isOver, async (socket) => {
    socket.write(
      service.namespace === "/"
        ? enterOf(service, ROOM)
        : text(`42${service.namespace},["subscribe:case",{"caseId":"${ROOM}"}]`),
    );
    await sleep(100);
    socket.pause();
    // Write pongs, although this attacker reads no pings: a failed write shows that the server has closed the
    // connection.
    while (!isOver() && !socket.destroyed) {
      socket.write(text("3"));
      await sleep(250);
    }
  });
  clearInterval(timer);
}

async function roomNames(service: Service, isOver: () => boolean): Promise<void> {
  let names = 0;
  await again(service, isOver, async (socket) => {
    while (!isOver() && !socket.destroyed) {
      const chunk = Buffer.concat(
        Array.from({ length: 200 }, () => enterOf(service, `room-${names++}-${"x".repeat(40)}`)),
      );
      await write(socket, chunk);
    }
  });
}

async function halfOpen(service: Service, isOver: () => boolean): Promise<void> {
  const open = new Set<Socket>();
  const worker = async (): Promise<void> => {
    while (!isOver()) {
      const socket =
        open.size < HALF_OPEN ? await openRawSocket({ publicPort: service.port }).catch(() => undefined) : undefined;
      if (socket === undefined) await sleep(20);
      else open.add(socket.once("close", () => open.delete(socket)));
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  for (const socket of open) socket.destroy();
}

async function again(
  service: Service,
  isOver: () => boolean,
  during: (socket: Socket) => Promise<void>,
): Promise<void> {
  while (!isOver()) {
    const socket = await attacker(service);
    if (socket === undefined) await sleep(50);
    else await during(socket);
    socket?.destroy();
  }
}

/**
 * Writes a chunk. Waits while the kernel's send buffer is full, so that Node does not buffer the data in this process.
 */
async function write(socket: Socket, chunk: Buffer): Promise<void> {
  if (!socket.writableNeedDrain && socket.write(chunk)) return sleep(0);
  const waiting = new AbortController();
  await Promise.race([
    once(socket, "drain", waiting),
    once(socket, "close", waiting),
    sleep(100, undefined, waiting),
  ]).catch(() => undefined);
  waiting.abort();
}
