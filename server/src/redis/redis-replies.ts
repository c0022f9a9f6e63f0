import handler from "ioredis/built/DataHandler.js";

/** ioredis's inside that this file touches; redis-wire.integration.test.ts holds it against the installed version. */
interface HandlerInside {
  dispatch(handle: () => void): void;
  returnFatalError(error: Error): void;
}

/**
 * A well-formed reply that makes no sense where it arrives (null as a channel's name) makes ioredis throw at the
 * process, where nobody can catch it. After this call it ends its connection instead, and the commands on it fail.
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
