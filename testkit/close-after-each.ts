import { afterEach } from "@jest/globals";

/** Keeps what a test opens. After the test it closes everything, the newest first. */
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
