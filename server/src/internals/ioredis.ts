// Undocumented members of ioredis 6.
import type { Writable } from "node:stream";
import type { Cluster, Redis } from "ioredis";
import handler from "ioredis/built/DataHandler.js";

interface DataHandlerInside {
  dispatch(handle: () => void): void;
  returnFatalError(error: Error): void;
}

/** The commands that `defineCommand` has added to a client, one for each script. */
export type Scripts<Name extends string> = Record<
  Name,
  (key: string, ...args: (string | number)[]) => Promise<unknown>
>;

/**
 * The stream to which a connected client writes. Undefined for a Cluster client, which has a stream for each server.
 */
export function streamOf(client: Redis | Cluster): Writable | undefined {
  return (client as unknown as { stream?: Writable }).stream;
}

export function scriptsOf<Name extends string>(client: Redis | Cluster): Scripts<Name> {
  return client as unknown as Scripts<Name>;
}

/**
 * Prevents a crash of the process. If Redis sends a valid reply in a wrong place (for example null as a channel name),
 * ioredis throws where no other code can catch the error. After this call, ioredis closes the connection instead, and
 * the pending commands fail.
 */
export function endConnectionsAtNonsense(): void {
  const inside = handler.default.prototype as unknown as DataHandlerInside;
  inside.dispatch = function (handle) {
    try {
      handle();
    } catch (error) {
      this.returnFatalError(new Error("Redis sent an unexpected reply", { cause: error }));
    }
  };
}
