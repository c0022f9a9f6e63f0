import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { io, type Socket } from "socket.io-client";
import { realtime } from "../../client/src/realtime.ts";
import { until } from "../../testkit/until.ts";
import type { Bench } from "../bench.ts";
import type { PartResult, Row } from "../measure/result.ts";
import { medians } from "../measure/rounds.ts";

const ROOM_COUNTS = [1, 1_000];
const EVENTS = 5_000;
const IN_FLIGHT = 250;
const ROUNDS = 9;

/** A client in this process that listens to some rooms, and a stock client that sends to them. */
interface Contender {
  kind: string;
  rooms: string[];
  sender: Socket;
  received: number;
  close: () => void;
}

/**
 * CPU time for each message that a client receives, and the size of the client package. The package follows each room.
 * The stock client has one listener, which finds the room's function by the name in the message. The CPU time includes
 * the sender, which is the same for both.
 */
export async function follow(bench: Bench): Promise<PartResult> {
  const rig = await bench.rig("gateway", { pings: "usual" });
  const url = `http://127.0.0.1:${rig.port}`;
  const rows: Row[] = [];
  for (const count of ROOM_COUNTS) {
    const contenders = [await stock(bench, url, count), await withPackage(bench, url, count)];
    const figures = await medians(contenders, ROUNDS, ({ kind }) => kind, microsPerMessage);
    for (const { close } of contenders) close();
    rows.push({ work: `rooms of the client: ${count.toLocaleString("en")}`, inFlight: String(IN_FLIGHT), figures });
  }
  await bench.stop(rig);
  const [client, react] = [await gzippedBytes("realtime"), await gzippedBytes("react")];
  return {
    title: "A client that follows rooms",
    unit: "µs of CPU time per message, sender included",
    better: "less",
    rows,
    footnote: `Minified and gzipped, the client package has ${client} bytes, and its React hooks have ${react} more.`,
  };
}

async function stock(bench: Bench, url: string, count: number): Promise<Contender> {
  const rooms = roomsOf("stock", count);
  const socket = await stockSocket(url, await bench.token(`stock-${count}`));
  for (const room of rooms) await socket.emitWithAck("join_room", { room });
  const contender = await contenderOf(bench, url, { kind: "stock", rooms, close: () => socket.disconnect() });
  const functions = new Map(rooms.map((room) => [room, () => (contender.received += 1)]));
  socket.on("message", ({ room }: { room: string }) => functions.get(room)?.());
  return contender;
}

async function withPackage(bench: Bench, url: string, count: number): Promise<Contender> {
  const rooms = roomsOf("package", count);
  const token = await bench.token(`package-${count}`);
  const client = realtime(url, { token: () => Promise.resolve(token), socketOptions: { forceNew: true } });
  client.connect();
  const contender = await contenderOf(bench, url, { kind: "package", rooms, close: () => client.close() });
  let loads = 0;
  for (const room of rooms)
    client.room(room).follow({
      load: async () => void (loads += 1),
      apply: (event) => void (contender.received += event === "message" ? 1 : 0),
    });
  await until("every room to be followed", async () => loads === count, 60_000, 20);
  return contender;
}

/** Adds a sender that is in all rooms. */
async function contenderOf(
  bench: Bench,
  url: string,
  { kind, rooms, close }: Pick<Contender, "kind" | "rooms" | "close">,
): Promise<Contender> {
  const sender = await stockSocket(url, await bench.token(`sender-${kind}-${rooms.length}`));
  for (const room of rooms) await sender.emitWithAck("join_room", { room });
  const closeBoth = (): void => {
    close();
    sender.disconnect();
  };
  return { kind, rooms, sender, received: 0, close: closeBoth };
}

async function microsPerMessage(contender: Contender): Promise<number> {
  const { sender, rooms } = contender;
  contender.received = 0;
  const before = process.cpuUsage();
  for (let sent = 0; sent < EVENTS; sent += IN_FLIGHT) {
    for (let index = sent; index < sent + IN_FLIGHT; index += 1)
      sender.emit("send_message", { room: rooms[index % rooms.length], message: "x".repeat(100) });
    await until("the messages", async () => contender.received >= sent + IN_FLIGHT, 60_000, 1);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / EVENTS;
}

const roomsOf = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${count}-${index}`);

function stockSocket(url: string, token: string): Promise<Socket> {
  const socket = io(`${url}/messaging`, { transports: ["websocket"], forceNew: true, auth: { token } });
  return new Promise((resolve, reject) => {
    socket.once("connect_error", reject);
    socket.once("connected", () => resolve(socket));
  });
}

async function gzippedBytes(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `../../client/src/${entry}.ts`)],
    ...{ bundle: true, minify: true, format: "esm", write: false },
    external: ["socket.io-client", "react"],
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
