import { expect, test } from "@jest/globals";
import { CircuitBreaker, PROBE_EVERY_MS } from "./circuit-breaker.ts";

function broken(): { breaker: CircuitBreaker; changes: boolean[] } {
  const changes: boolean[] = [];
  const breaker = new CircuitBreaker((isOpen) => changes.push(isOpen));
  for (let failures = 0; failures < 5; failures += 1) breaker.failed(0);
  return { breaker, changes };
}

test("opens after five failures in a row, and says so once", () => {
  const { breaker, changes } = broken();
  breaker.failed(0);
  expect([breaker.isOpen, changes]).toEqual([true, [true]]);
});

test("stays closed while an answer comes now and then", () => {
  const breaker = new CircuitBreaker(() => undefined);
  for (let failures = 0; failures < 20; failures += 1) {
    breaker.failed(0);
    if (failures % 4 === 0) breaker.answered();
  }
  expect(breaker.isOpen).toBe(false);
});

test("lets one request through from time to time, and closes with the first answer", () => {
  const { breaker, changes } = broken();
  expect(breaker.takeProbe(PROBE_EVERY_MS - 1)).toBe(false);
  expect([breaker.takeProbe(PROBE_EVERY_MS), breaker.takeProbe(PROBE_EVERY_MS)]).toEqual([true, false]);
  breaker.failed(PROBE_EVERY_MS);
  expect(breaker.takeProbe(2 * PROBE_EVERY_MS)).toBe(true);
  breaker.answered();
  expect([breaker.isOpen, changes]).toEqual([false, [true, false]]);
});
