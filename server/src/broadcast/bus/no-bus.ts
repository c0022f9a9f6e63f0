import { localPeers } from "../../internals/socket-io-adapter.ts";
import type { Bus } from "./bus.ts";

/** The bus of a gateway that is alone: always up, carries nothing. */
export function noBus(): Bus {
  return {
    join: (local) => ({ peers: localPeers(local), publish: () => undefined, leave: () => undefined }),
    whenReady: async () => undefined,
    state: () => ({ phase: "up", lagMs: 0 }),
    onChange: () => undefined,
    close: async () => undefined,
  };
}
