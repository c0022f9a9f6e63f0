import handler from "ioredis/built/DataHandler.js";

/** ioredis's inside that this file touches; redis-wire.integration.test.ts holds it against the installed version. */
interface HandlerInside {
  dispatch(handle: () => void): void;
  returnFatalError(error: Error): void;
}

/**
 * A reply that is well formed and makes no sense where it stands (null for a channel's name) has ioredis throw at the process, out of
 * everybody's reach. From now on it ends its connection, as bytes that are no RESP do, and what was asked on it has failed.
 */
export function endConnectionsAtNonsense(): void {
  const inside = handler.default.prototype as unknown as HandlerInside;
  inside.dispatch = function (handle) {
    try {
      handle();
    } catch (error) {
      this.returnFatalError(new Error("Redis said what makes no sense here", { cause: error }));
    }
  };
}
