import { afterEach, expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DevProxy } from "./dev-proxy.ts";
import { Traffic } from "./inspector/traffic.ts";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

test("ends the client's answer when the gateway dies in the middle of its own", async () => {
  const gateway = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setImmediate(() => response.destroy());
  }).listen(0, "127.0.0.1");
  endings.push(() => gateway.close());
  await once(gateway, "listening");
  const proxy = new DevProxy(new Traffic(Date.now));
  proxy.server.listen(0, "127.0.0.1");
  endings.push(() => proxy.close());
  await once(proxy.server, "listening");
  proxy.serve([{ name: "a", publicPort: (gateway.address() as AddressInfo).port }]);
  const answer = await fetch(`http://127.0.0.1:${(proxy.server.address() as AddressInfo).port}/`);
  await expect(answer.text()).rejects.toThrow();
}, 5_000);
