import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface TextAnswer {
  status: number;
  body: string;
  contentType?: string;
}

export interface TextServer {
  port: number;
  close(): Promise<void>;
}

export type TextRoutes = Readonly<Record<string, () => TextAnswer | Promise<TextAnswer>>>;

/** A small HTTP server for probes and metrics. It answers GET on fixed paths. Port 0 chooses a free port. */
export async function textServer(port: number, routes: TextRoutes): Promise<TextServer> {
  const server: Server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    const route = routes[(request.url ?? "").split("?")[0] ?? ""];
    const answer = async (): Promise<TextAnswer> =>
      request.method !== "GET" || route === undefined
        ? { status: 404, body: `there is ${Object.keys(routes).join(" and ")}\n` }
        : route();
    answer().then(
      ({ status, body, contentType = "text/plain" }) =>
        response.writeHead(status, { "content-type": contentType }).end(body),
      (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
