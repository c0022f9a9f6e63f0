import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer, request } from "node:https";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { testAuthority } from "../../../testkit/certificates.ts";

export interface TestProxy {
  url: string;
  /** The requests that went through the proxy, as "METHOD target". */
  requests: string[];
  stop(): Promise<void>;
}

/** The client certificate and the server of an administrator's kubeconfig. */
interface Upstream {
  server: string;
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

export function upstreamOf(kubeconfig: string): Upstream {
  const config = JSON.parse(readFileSync(kubeconfig, "utf8")) as {
    clusters: [{ cluster: Record<string, string> }];
    users: [{ user: Record<string, string> }];
  };
  const { server = "", ...cluster } = config.clusters[0].cluster;
  const { user } = config.users[0];
  const pem = (fields: Record<string, string>, name: string): Buffer => {
    const path = fields[name];
    return path === undefined ? Buffer.from(fields[`${name}-data`] ?? "", "base64") : readFileSync(path);
  };
  return {
    server,
    ca: pem(cluster, "certificate-authority"),
    cert: pem(user, "client-certificate"),
    key: pem(user, "client-key"),
  };
}

export interface RancherLike extends TestProxy {
  /** The proxy in a kubeconfig. Its certificate has only the name rancher.example.com. */
  cluster: Record<"server" | "tls-server-name" | "certificate-authority-data", string>;
}

/** The text of a kubeconfig with one cluster and one user. */
export function kubeconfigText(cluster: object, user: object): string {
  const context = { name: "there", context: { cluster: "there", user: "me" } };
  return JSON.stringify({
    ...{ apiVersion: "v1", kind: "Config", "current-context": "there", contexts: [context] },
    clusters: [{ name: "there", cluster }],
    users: [{ name: "me", user }],
  });
}

/**
 * A proxy with TLS that passes requests below a path on to an API server, as Rancher does. It accepts only the token
 * "rancher", and uses its own client certificate for the API server.
 */
export async function pathPrefixProxy(kubeconfig: string, prefix: string): Promise<RancherLike> {
  const upstream = upstreamOf(kubeconfig);
  const authority = await testAuthority();
  const { cert, key, ca } = await authority.issue("rancher", "DNS:rancher.example.com");
  const requests: string[] = [];
  const passedOn = ({ method, url = "", headers }: IncomingMessage) => {
    requests.push(`${method} ${url}`);
    const { authorization, host: _host, ...rest } = headers;
    if (authorization !== "Bearer rancher" || !url.startsWith(`${prefix}/`)) return undefined;
    const { server, ...credentials } = upstream;
    return request(`${server}${url.slice(prefix.length)}`, { method, headers: rest, ...credentials, agent: false });
  };
  const proxy = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (incoming, response) => {
    const onward = passedOn(incoming);
    if (onward === undefined) return response.writeHead(404).end("<html>not found</html>");
    onward.on("error", () => response.writeHead(502).end("<html>bad gateway</html>"));
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    return incoming.pipe(onward);
  });
  proxy.on("upgrade", (incoming, socket: Socket) => {
    const onward = passedOn(incoming);
    if (onward === undefined) return socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
    onward.on("error", () => socket.destroy());
    onward.on("response", (answer) => {
      socket.write(headOf(answer));
      answer.pipe(socket);
    });
    onward.on("upgrade", (answer, other, first) => {
      socket.write(headOf(answer));
      socket.write(first);
      joined(socket, other);
    });
    return onward.end();
  });
  await listening(proxy);
  const url = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`;
  return {
    url,
    requests,
    cluster: {
      server: `${url}/`,
      "tls-server-name": "rancher.example.com",
      "certificate-authority-data": readFileSync(ca).toString("base64"),
    },
    async stop() {
      await stopped(proxy);
      authority.remove();
    },
  };
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return [`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, "", ""].join("\r\n");
}

/** An HTTP proxy that connects to any server by CONNECT, as company networks have one. */
export async function connectProxy(): Promise<TestProxy> {
  const requests: string[] = [];
  const server = createHttpServer((_request, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "" }: IncomingMessage, socket: Socket, first: Buffer) => {
    requests.push(`CONNECT ${url}`);
    const { hostname, port } = new URL(`http://${url}`);
    const other = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      other.write(first);
      joined(socket, other);
    });
    other.on("error", () => socket.destroy());
  });
  await listening(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () => stopped(server),
  };
}

function joined(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
}

const open = new WeakMap<Server, Set<Socket>>();

async function listening(server: Server): Promise<void> {
  const sockets = new Set<Socket>();
  open.set(server, sockets);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

async function stopped(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of open.get(server) ?? []) socket.destroy();
  await ended;
}
