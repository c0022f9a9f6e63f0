// Checks the annotations of two profiles with HAProxy and NGINX from Debian. The clients are stock clients, and the two
// servers do not know each other.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { haproxyIngress } from "../../src/manifests/exposure/haproxy-ingress.ts";
import { ingressNginx } from "../../src/manifests/exposure/ingress-nginx.ts";
import type { ExposureFacts, ExposureProfile } from "../../src/manifests/exposure/profile.ts";
import { haproxyConfiguration, idleSeconds, nginxConfiguration, type Upstreams } from "./configurations.ts";
import { haproxy, nginx, startProxy, type Proxy, type ProxyProgram } from "./proxy.ts";

/**
 * How long the test sends nothing, in milliseconds. A proxy without our annotations closes a connection that is silent
 * for this long.
 */
const silenceMs = idleSeconds * 2_000;
const facts: ExposureFacts = {
  serviceName: "chat-server",
  cookieName: "realtime",
  affinity: "needed",
  scheme: "http",
  className: undefined,
  drainSeconds: 300,
};

const sides: {
  name: string;
  program: ProxyProgram;
  profile: (facts: ExposureFacts) => ExposureProfile;
  configuration: (upstreams: Upstreams) => string;
}[] = [
  { name: "HAProxyIngress", program: haproxy, profile: haproxyIngress, configuration: haproxyConfiguration },
  { name: "IngressNginx", program: nginx, profile: ingressNginx, configuration: nginxConfiguration },
];

const upstreams: number[] = [];
const closers: (() => Promise<void>)[] = [];
let opened: { close(): unknown }[] = [];
let proxies: Proxy[] = [];

beforeAll(async () => {
  for (const name of ["a", "b"]) {
    const http = createServer();
    const server = new Server(http, { serveClient: false });
    server.on("connection", (socket) => {
      socket.emit("hello", name);
      socket.on("echo", (text: string, answer: (text: string) => void) => answer(`${name}: ${text}`));
      socket.on("later", () => {
        const timer = setTimeout(() => socket.emit("late", name), silenceMs);
        socket.on("disconnect", () => clearTimeout(timer));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    upstreams.push((http.address() as AddressInfo).port);
    closers.push(() => server.close());
  }
});
afterEach(async () => {
  for (const socket of opened) socket.close();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  [opened, proxies] = [[], []];
});
afterAll(() => Promise.all(closers.map((close) => close())));

describe.each(sides)("$name", ({ program, profile, configuration }) => {
  const start = async (annotations: Record<string, string>): Promise<string> => {
    const proxy = await startProxy(program, (at) => configuration({ ...at, upstreams, annotations }));
    proxies.push(proxy);
    return proxy.url;
  };

  test("keeps each of many polling clients on one server with the annotations", async () => {
    const url = await start(profile(facts).ingress);
    const clients = await clientsOfBothServers(url);
    const echoes = clients.map(async ({ socket, hello }) => {
      for (const text of ["one", "two", "three"])
        expect(await socket.emitWithAck("echo", text)).toBe(`${hello}: ${text}`);
    });
    await Promise.all(echoes);
  }, 60_000);

  test("upgrades a polling client to a WebSocket on the same server with the annotations", async () => {
    const url = await start(profile(facts).ingress);
    const { socket, hello } = await connectTo(url, ["polling", "websocket"]);
    if (socket.io.engine.transport.name !== "websocket")
      await new Promise<void>((resolve) => socket.io.engine.once("upgrade", () => resolve()));
    expect(await socket.emitWithAck("echo", "hi")).toBe(`${hello}: hi`);
  }, 60_000);

  test("sends a polling client's second request to the other server, which refuses it, without affinity", async () => {
    const url = await start(profile({ ...facts, affinity: "not needed" }).ingress);
    await expect(connectTo(url, ["polling"])).rejects.toThrow(/xhr p|error/);
  }, 60_000);

  test("keeps a silent WebSocket open with the annotations, also without affinity", async () => {
    const url = await start(profile({ ...facts, affinity: "not needed" }).ingress);
    expect(await silence(url)).toBe("still connected");
  }, 60_000);

  test("closes a silent WebSocket without the annotations", async () => {
    expect(await silence(await start({}))).toBe("cut");
  }, 60_000);
});

/**
 * Connects polling clients until both servers have at least one. The proxy chooses the server of each client at random.
 */
async function clientsOfBothServers(url: string): Promise<{ socket: Socket; hello: string }[]> {
  const clients: { socket: Socket; hello: string }[] = [];
  for (let count = 0; count < 64; count += 8) {
    clients.push(...(await Promise.all(Array.from({ length: 8 }, () => connectTo(url, ["polling"])))));
    if (new Set(clients.map(({ hello }) => hello)).size === upstreams.length) return clients;
  }
  throw new Error(`one server has all ${clients.length} clients`);
}

/** Connects a client, and resolves when its server has sent a greeting. Rejects when the connection fails. */
function connectTo(url: string, transports: ("polling" | "websocket")[]): Promise<{ socket: Socket; hello: string }> {
  const socket = io(url, { transports, forceNew: true, reconnection: false, withCredentials: true });
  opened.push(socket);
  return new Promise((resolve, reject) => {
    socket.once("hello", (hello: string) => resolve({ socket, hello }));
    socket.once("connect_error", reject);
    socket.once("disconnect", (reason) => reject(new Error(reason)));
  });
}

/**
 * Connects and sends nothing for longer than the proxy's idle timeout. Returns whether the connection is still open.
 */
async function silence(url: string): Promise<"still connected" | "cut"> {
  const { socket, hello } = await connectTo(url, ["websocket"]);
  return new Promise((resolve) => {
    socket.once("disconnect", () => resolve("cut"));
    socket.once("late", (name: string) => resolve(name === hello ? "still connected" : "cut"));
    socket.emit("later");
  });
}
