import { pino } from "pino";
import { parseConfig } from "../../src/config.ts";
import { nodeIdOf } from "../../src/node-id.ts";
import { start, type Running } from "../../src/start.ts";
import { testEnvironment } from "../../../testkit/gateway/gateway-settings.ts";

export type TestGateway = Running & { warnings: readonly string[] };

/** A clock that runs at normal speed. A test can advance it. */
export class TestClock {
  #aheadMs = 0;
  readonly nowMs = (): number => Date.now() + this.#aheadMs;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/**
 * Starts a real gateway in the process of the test. If the environment is invalid, throws an error that lists the
 * problems.
 */
export async function startGateway(
  env: Record<string, string> = {},
  { nowMs } = new TestClock(),
): Promise<TestGateway> {
  const answer = parseConfig({ ...testEnvironment, ...env });
  if ("problems" in answer) throw new Error(answer.problems.join("\n"));
  const logger = pino({ level: process.env["TEST_LOG_LEVEL"] ?? "silent" });
  const running = await start(answer.config, nodeIdOf("test", Math.random), logger, { nowMs, random: Math.random });
  return Object.assign(running, { warnings: answer.warnings });
}
