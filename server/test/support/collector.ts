import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
}

/** An HTTP server that records all requests. It stands in for an error tracker or a trace collector. */
export interface Collector {
  port: number;
  received: readonly Received[];
  /**
   * Sets the status of all later answers, or makes the server not answer ("never"). With a status, requests that wait
   * are answered, too.
   */
  answer(how: number | "never"): void;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const received: Received[] = [];
  const hanging: ServerResponse[] = [];
  let how: number | "never" = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8");
      received.push({ path: request.url ?? "", headers: request.headers, text });
      if (how === "never") hanging.push(response);
      else reply(response, how);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    answer(next) {
      how = next;
      if (next !== "never") for (const response of hanging.splice(0)) reply(response, next);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end("{}");
}

/** Returns a port of this machine on which no program listens. */
export async function closedPort(): Promise<number> {
  const collector = await startCollector();
  await collector.close();
  return collector.port;
}
