import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "../../../testkit/certificates.ts";

export const HANDLER_SECRET = "a-secret-of-32-bytes-for-handlers";

/** A request that the application's service received, with its parsed body. */
export interface Got {
  headers: IncomingMessage["headers"];
  method: string | undefined;
  path: string | undefined;
  text: string;
  body: Record<string, unknown> & { event: string; kind: string; data: unknown; id: string };
  /** Breaks the TCP connection of the request, without an answer. */
  reset: () => void;
}

/** Answers a request: returns an object that is sent as JSON, or writes the response itself and returns undefined. */
export type Answering = (got: Got, response: ServerResponse) => object | undefined | Promise<object | undefined>;

/** An application's HTTP service. It is a real server, and the test decides how it answers. */
export interface AppServer {
  url: string;
  port: number;
  /** All requests so far, oldest first. */
  got: readonly Got[];
  answer(next: Answering): void;
  /** How many TCP connections gateways have opened. */
  connections(): number;
  /** Stops listening and ends all connections. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  restart(): Promise<void>;
}

export async function startAppServer(answering: Answering = () => ({}), certificate?: Certificate): Promise<AppServer> {
  const got: Got[] = [];
  const open = new Set<Socket>();
  let current = answering;
  let connections = 0;
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const { headers, method, url: path } = request;
      const reset = () => request.socket.resetAndDestroy();
      const one: Got = { headers, method, path, text, body: JSON.parse(text) as Got["body"], reset };
      got.push(one);
      void Promise.resolve(current(one, response)).then((answer) => {
        if (answer !== undefined) json(response, answer);
      });
    });
  };
  const server =
    certificate === undefined
      ? createServer(receive)
      : createTlsServer({ key: readFileSync(certificate.key), cert: readFileSync(certificate.cert) }, receive);
  server.on("connection", (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}/realtime`, port, got },
    answer: (next) => void (current = next),
    connections: () => connections,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
    restart: () => listen(port),
  };
}

export function json(response: ServerResponse, answer: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer));
}

/**
 * The environment variables of a gateway with these handlers. Their timeout is long, because the machine may be busy.
 */
export function handlersEnvironment(...entries: object[]): Record<string, string> {
  return {
    HANDLERS: JSON.stringify(entries.map((entry) => ({ timeoutMilliseconds: 10_000, ...entry }))),
    HANDLER_SECRET,
  };
}

/** Whether a request has a valid signature. The test computes it itself, as docs/handlers.md describes it. */
export function isSigned({ headers, text }: Got): boolean {
  const [, time, signature] = /^t=(\d+),v1=([\da-f]{64})$/.exec(String(headers["x-realtime-signature"])) ?? [];
  return signature === createHmac("sha256", HANDLER_SECRET).update(`${time}.${text}`).digest("hex");
}
