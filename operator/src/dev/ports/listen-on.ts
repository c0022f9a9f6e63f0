import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { portOwner } from "./port-owner.ts";

/** Listens on a port of the loopback address, and returns the port. Throws with the port's owner when it is taken. */
export async function listenOn(server: Server, port: number): Promise<number> {
  server.listen({ port, host: "127.0.0.1" });
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    const owner = portOwner(port);
    throw new Error(`port ${port} is taken${owner === undefined ? "" : ` by ${owner}`}: choose another with --port`, {
      cause: error,
    });
  }
  return (server.address() as AddressInfo).port;
}
