import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { closeAfterEach } from "../../../testkit/close-after-each.ts";
import type { Connection, Credentials } from "../../src/kube/http/connection.ts";
import { httpKube } from "../../src/kube/http/http-kube.ts";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Starts HTTP servers that send given responses, and a Kube for each server. They end after each test. */
export function respondingServers() {
  const keep = closeAfterEach();
  return async (answer: Answer, options: { timeoutMs?: number; credentials?: Credentials } = {}) => {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      answer(response, request);
    });
    keep(server, () => end(server));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const forgotten: string[] = [];
    const { port } = server.address() as AddressInfo;
    const connection: Connection = {
      server: `http://127.0.0.1:${port}/behind/a/proxy/`,
      userAgent: "realtime-operator/test",
      credentials: async () => options.credentials ?? {},
      forgetCredentials: () => forgotten.push("forgotten"),
    };
    const limits = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
    return { kube: httpKube(connection, limits), requests, forgotten, port, close: () => end(server) };
  };
}

function end(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export const status = (code: number, body: object = {}) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, ...body });
export const configMap = (metadata: object = {}) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", uid: "u", resourceVersion: "2", ...metadata },
  });
export const configMapList = (change: object = {}) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMapList", metadata: { resourceVersion: "7" }, items: [], ...change });
export const refusal =
  (code: number, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(body);
