import type { ClientRequest, IncomingMessage } from "node:http";
import { openConnection } from "./client-connection.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Traffic } from "./traffic.ts";

export interface WebSocketWatch {
  fromClient: (bytes: Buffer) => void;
  fromGateway: (bytes: Buffer) => void;
  close: () => void;
}

const MAX_HEAD_BYTES = 65_536;
const MAX_BODY_BYTES = 1_048_576;
const END_OF_HEAD = "\r\n\r\n";

/**
 * Watches the bytes of a WebSocket. With a `sid`, the client moves from polling to this WebSocket, and its connection
 * stays the same.
 */
export function watchWebSocket(traffic: Traffic, gateway: string, sid: string): WebSocketWatch {
  const known = sid === "" ? undefined : traffic.ofSession(sid);
  const connection = known ?? openConnection(traffic, gateway, "websocket");
  const client = new FrameReader("client", (data) => connection.fromClient.add(data));
  const server = new FrameReader("gateway", (data) => connection.fromGateway.add(data));
  let head: Buffer | undefined = Buffer.alloc(0);
  return {
    fromClient: (bytes) => client.push(bytes),
    fromGateway(bytes) {
      if (head === undefined) return server.push(bytes);
      // Before the first frame comes the answer to the handshake.
      head = Buffer.concat([head, bytes]).subarray(0, MAX_HEAD_BYTES);
      const end = head.indexOf(END_OF_HEAD);
      if (end === -1) return;
      const text = head.subarray(0, end).toString();
      const rest = head.subarray(end + END_OF_HEAD.length);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
      if (status !== 101) return connection.refused(status, rest.toString());
      head = undefined;
      server.push(rest);
    },
    // If the client has not moved yet, it still polls.
    close: () => (connection.transport === "websocket" ? connection.close() : undefined),
  };
}

export interface PassedRequest {
  incoming: IncomingMessage;
  onward: ClientRequest;
  sid: string;
  gateway: string;
}

/** Watches a request of HTTP long polling. */
export function watchRequest(traffic: Traffic, { incoming, onward, sid, gateway }: PassedRequest): void {
  const connection = sid === "" ? undefined : traffic.ofSession(sid);
  if (connection !== undefined) {
    connection.lastMs = traffic.nowMs();
    collect(incoming, (body) => connection.fromClient.addBody(body));
  }
  // The gateway has ended before it answered.
  onward.on("error", () => connection?.close());
  onward.on("response", (response) => {
    const status = response.statusCode ?? 0;
    const isHandshake = sid === "" && incoming.method === "GET" && (incoming.url ?? "").startsWith("/socket.io/");
    collect(response, (body) => {
      const watched = isHandshake ? openConnection(traffic, gateway, "polling") : connection;
      if (status === 200) watched?.fromGateway.addBody(body);
      else if (isHandshake) watched?.refused(status, body);
      else watched?.close();
    });
  });
}

function collect(stream: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  stream.on("end", () => done(Buffer.concat(chunks).toString()));
}
