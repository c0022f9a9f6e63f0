// Undocumented members of ioredis 6.
import type { Writable } from "node:stream";
import type { Cluster, Redis } from "ioredis";
import handler from "ioredis/built/DataHandler.js";

interface DataHandlerInside {
  dispatch(handle: () => void): void;
  returnFatalError(error: Error): void;
}

/** The script commands that defineCommand has added to a client. */
export type Scripts<Name extends string> = Record<
  Name,
  (key: string, ...args: (string | number)[]) => Promise<unknown>
>;

/** The stream to which a connected client writes. Undefined for a Cluster client, which has many streams. */
export function streamOf(client: Redis | Cluster): Writable | undefined {
  return (client as unknown as { stream?: Writable }).stream;
}

export function scriptsOf<Name extends string>(client: Redis | Cluster): Scripts<Name> {
  return client as unknown as Scripts<Name>;
}

/**
 * A well-formed reply in a wrong place (null as a channel name) makes ioredis throw where no code can catch the error.
 * After this call, ioredis ends that connection instead, and its pending commands fail.
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
