import { WebSocket } from "ws";
import { until } from "../../../testkit/until.ts";
import type { Ports } from "../../../testkit/gateway/gateway-settings.ts";

/** A client that says on the wire what it is told to, for what no stock client would. */
export interface Wire {
  socket: WebSocket;
  /** Engine.IO packets that came, as text. */
  received: string[];
  /** Waits for a packet that begins so. */
  next: (start: string) => Promise<string>;
  /** The close code, once it has closed. */
  closed: Promise<number>;
}

const DEADLINE_MS = 30_000;

/** Opens a WebSocket and waits for Engine.IO's open packet. Pings are answered unless told otherwise. */
export async function openWire(
  { publicPort }: Pick<Ports, "publicPort">,
  headers: Record<string, string> = {},
): Promise<Wire> {
  const socket = new WebSocket(`ws://127.0.0.1:${publicPort}/socket.io/?EIO=4&transport=websocket`, { headers });
  const received: string[] = [];
  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    received.push(text);
    if (text === "2") socket.send("3");
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  let failure: Error | undefined;
  socket.on("error", (error) => (failure = error));
  const next = (start: string) =>
    until(
      `a packet ${start}`,
      async () => {
        if (failure !== undefined && received.length === 0) return Promise.reject(failure);
        return received.find((text) => text.startsWith(start));
      },
      DEADLINE_MS,
      5,
    );
  const wire = { socket, received, next, closed };
  await next("0");
  return wire;
}

/** Enters a namespace as a Socket.IO client would. */
export async function enterNamespace({ socket, next }: Wire, namespace: string, token: string): Promise<void> {
  socket.send(`40${namespace},${JSON.stringify({ token })}`);
  await next(`40${namespace}`);
}
