import { AsyncLocalStorage } from "node:async_hooks";

const context = new AsyncLocalStorage<true>();

/**
 * Runs code of the application. Node marks everything that this code starts (promises, timers, sockets), so
 * `isInModule` is true there.
 */
export function runInModule<T>(code: () => T): T {
  return context.run(true, code);
}

/**
 * Whether the current code, or the rejected promise of the current `unhandledRejection`, comes from the application's
 * module. Such an error must not end the process.
 */
export function isInModule(): boolean {
  return context.getStore() === true;
}
