import { expect, test } from "@jest/globals";
import { ReconnectBackoff } from "./reconnect-backoff.ts";

const middle = () => 0.5;
const waits = (backoff: ReconnectBackoff, count: number) => Array.from({ length: count }, () => backoff.nextMs());

test("doubles the wait up to its bound while nothing succeeds", () => {
  expect(waits(new ReconnectBackoff(middle), 7)).toEqual([100, 200, 400, 800, 1500, 1500, 1500]);
});

test("starts over when the connection has succeeded", () => {
  const backoff = new ReconnectBackoff(middle);
  waits(backoff, 6);
  backoff.succeeded();
  expect(waits(backoff, 2)).toEqual([100, 200]);
});

test("spreads the attempts of a fleet by half of the wait to either side", () => {
  expect(waits(new ReconnectBackoff(() => 0), 1)).toEqual([50]);
  expect(waits(new ReconnectBackoff(() => 0.999), 1)).toEqual([150]);
});
