import { expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { freePorts } from "./free-ports.ts";

test("returns different ports that are free and outside the range for outgoing connections", async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  for (const port of ports) {
    expect(port).toBeLessThan(30_000);
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
    await new Promise((resolve) => server.close(resolve));
  }
});
