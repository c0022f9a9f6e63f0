import { afterEach, expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DevProxy } from "./dev-proxy.ts";
import { Traffic } from "./inspector/traffic.ts";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A proxy in front of this gateway. Returns its port. */
async function proxyTo(gateway: Server): Promise<number> {
  endings.push(() => gateway.close());
  await once(gateway.listen(0, "127.0.0.1"), "listening");
  const proxy = new DevProxy(new Traffic(Date.now));
  endings.push(() => proxy.close());
  await once(proxy.server.listen(0, "127.0.0.1"), "listening");
  proxy.serve([{ name: "a", publicPort: (gateway.address() as AddressInfo).port }]);
  return (proxy.server.address() as AddressInfo).port;
}

test("ends the client's answer when the gateway dies in the middle of its own", async () => {
  const gateway = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setImmediate(() => response.destroy());
  });
  const answer = await fetch(`http://127.0.0.1:${await proxyTo(gateway)}/`);
  await expect(answer.text()).rejects.toThrow();
}, 5_000);

test("passes on a request whose path is not a valid URL", async () => {
  const port = await proxyTo(createServer((_request, response) => response.writeHead(404).end()));
  const asked = request({ host: "127.0.0.1", port, path: "//" }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(404);
});
