import { expect, test } from "@jest/globals";
import { ConnectionFailures } from "./connection-failures.ts";

const reset = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
const refused = new Error("ERR max number of clients reached");

function explained(failures: ConnectionFailures, error: Error): string | undefined {
  failures.explain(error);
  return error.cause instanceof Error ? error.cause.message : undefined;
}

test("gives the reason of an earlier attempt when a connection only breaks", () => {
  const failures = new ConnectionFailures(false);
  failures.opened();
  failures.failed(refused);
  expect(explained(failures, refused)).toBeUndefined();
  failures.closed();
  failures.opened();
  failures.connected();
  expect(explained(failures, reset())).toBe(refused.message);
});

test("forgets the reason when a client has logged in", () => {
  const failures = new ConnectionFailures(false);
  failures.failed(refused);
  failures.opened();
  failures.ready();
  expect(explained(failures, reset())).toBeUndefined();
});

test("advises rediss when a server closes new connections without an answer", () => {
  const failures = new ConnectionFailures(false);
  failures.opened();
  expect(explained(failures, reset())).toContain("begin REDIS_URL with rediss");
});

test("advises redis when a server does not answer in TLS, and repeats it when the Sentinels' list ends", () => {
  const failures = new ConnectionFailures(true);
  failures.opened();
  const timeout = Object.assign(new Error("connect ETIMEDOUT"), { code: "ETIMEDOUT" });
  expect(explained(failures, timeout)).toContain("with redis instead of rediss");
  const end = new Error("All sentinels are unreachable. Retrying from scratch after 74ms.");
  expect(explained(failures, end)).toContain("with redis instead of rediss");
});

test("does not advise when no TCP connection was made", () => {
  const failures = new ConnectionFailures(true);
  const timeout = Object.assign(new Error("connect ETIMEDOUT"), { code: "ETIMEDOUT" });
  expect(explained(failures, timeout)).toBeUndefined();
});
