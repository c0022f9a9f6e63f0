import { createServer, type AddressInfo, type Socket } from "node:net";
import { textFrame } from "../../server/src/broadcast/fanout/frame.ts";
import { packetText } from "./payload.ts";
import type { Rig } from "./rig.ts";

/**
 * A plain TCP server that sends the same bytes without a protocol, with one write per socket in each turn of the event
 * loop. So it shows the lowest possible cost. A client sends the sizes of its rooms as one line: "1,10,1000".
 */
export async function netFloor(): Promise<Rig> {
  const rooms = new Map<string, Set<Socket>>();
  const due = new Map<string, Buffer[]>();
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once("data", (data) => {
      for (const name of data.toString().trim().split(",")) {
        const room = rooms.get(name) ?? new Set();
        rooms.set(name, room.add(socket));
        socket.once("close", () => room.delete(socket));
      }
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    members: (room) => rooms.get(room)?.size ?? 0,
    emit(room, data) {
      const frames = due.get(room) ?? [];
      due.set(room, frames);
      frames.push(textFrame(packetText(data)));
    },
    endOfTurn() {
      for (const [room, frames] of due) {
        const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
        for (const socket of rooms.get(room) ?? []) socket.write(bytes);
      }
      due.clear();
    },
  };
}
