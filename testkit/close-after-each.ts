import { afterEach } from "@jest/globals";

/**
 * Registers something that a test has opened, with a function that closes it, and returns it. After the test,
 * everything registered is closed, the newest first.
 */
export type Keep = <T>(opened: T, close: () => unknown) => T;

export function closeAfterEach(): Keep {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return (opened, close) => {
    closers.push(close);
    return opened;
  };
}
