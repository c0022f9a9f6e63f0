import { expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { freePorts } from "./free-ports.ts";

test("free ports are different, can be listened on, and are none that the kernel would give to a client", async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  for (const port of ports) {
    expect(port).toBeLessThan(30_000);
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
    await new Promise((resolve) => server.close(resolve));
  }
});
