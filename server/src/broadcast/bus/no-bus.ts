import { localPeers } from "../../internals/socket-io-adapter.ts";
import type { Bus } from "./bus.ts";

/** The bus of a single gateway. It is always up and sends nothing. */
export function noBus(): Bus {
  return {
    join: (local) => ({ peers: localPeers(local), publish: () => undefined, leave: () => undefined }),
    whenReady: async () => undefined,
    state: () => ({ phase: "up", lagMs: 0 }),
    onChange: () => undefined,
    close: async () => undefined,
  };
}
