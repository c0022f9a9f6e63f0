import { WebSocket } from "ws";
import { until } from "../../../testkit/until.ts";
import type { Ports } from "../../../testkit/gateway/gateway-settings.ts";

/**
 * A WebSocket client that sends Engine.IO packets as raw text. With it, a test can send packets that no stock client
 * sends.
 */
export interface EngineClient {
  socket: WebSocket;
  /** All received Engine.IO packets, as text. */
  received: string[];
  /** Waits for a packet that starts with this text, and returns it. */
  next: (start: string) => Promise<string>;
  /** Resolves with the WebSocket close code when the connection has ended. */
  closed: Promise<number>;
}

const DEADLINE_MS = 30_000;

/** Opens a WebSocket and waits for Engine.IO's open packet. The client answers pings by itself. */
export async function openEngineClient(
  { publicPort }: Pick<Ports, "publicPort">,
  headers: Record<string, string> = {},
): Promise<EngineClient> {
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
  const client = { socket, received, next, closed };
  await next("0");
  return client;
}

export async function enterNamespace({ socket, next }: EngineClient, namespace: string, token: string): Promise<void> {
  socket.send(`40${namespace},${JSON.stringify({ token })}`);
  await next(`40${namespace}`);
}
