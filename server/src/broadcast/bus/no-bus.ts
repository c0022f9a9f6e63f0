import { Adapter } from "socket.io-adapter";
import type { Bus } from "./bus.ts";

/** The bus of a gateway that is alone: Socket.IO's in-memory adapter, always up. */
export function noBus(): Bus {
  return {
    adapter: Adapter,
    whenReady: async () => undefined,
    state: () => ({ phase: "up", lagMs: 0 }),
    onChange: () => undefined,
    close: async () => undefined,
  };
}
