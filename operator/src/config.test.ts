import { expect, test } from "@jest/globals";
import { environment, parseConfig } from "./config.ts";

test("an empty environment gives all namespaces, an election and the host's name", () => {
  expect(parseConfig({}, "host-1")).toEqual({
    config: {
      identity: "host-1",
      namespace: "realtime-system",
      watchNamespaces: [],
      images: { gateway: environment.GATEWAY_IMAGE.default, redis: environment.REDIS_IMAGE.default },
      upgrade: "Manual",
      leaseName: "realtime-operator",
      healthPort: 8081,
      metricsPort: 8080,
      logLevel: "info",
      concurrency: 8,
    },
  });
});

test.each([
  { when: "the pod has a name", env: { POD_NAME: "operator-7" }, want: { identity: "operator-7" } },
  {
    when: "namespaces are listed with spaces and a comma too many",
    env: { WATCH_NAMESPACES: " apps, web ,," },
    want: { watchNamespaces: ["apps", "web"] },
  },
  { when: "no election is wanted", env: { LEADER_ELECTION: "false", LEASE_NAME: "x" }, want: { leaseName: undefined } },
  { when: "pods are to follow the operator", env: { UPGRADE: "Automatic" }, want: { upgrade: "Automatic" } },
  { when: "any port will do", env: { HEALTH_PORT: "0", METRICS_PORT: "0" }, want: { healthPort: 0, metricsPort: 0 } },
  { when: "a variable is there and blank, its default counts", env: { LOG_LEVEL: "  " }, want: { logLevel: "info" } },
])("$when", ({ env, want }) => {
  expect(parseConfig(env, "host-1")).toMatchObject({ config: want });
});

test.each([
  {
    when: "a port is no number",
    env: { HEALTH_PORT: "http" },
    want: 'HEALTH_PORT must be a whole number from 0 to 65535, not "http"',
  },
  {
    when: "a port is too large",
    env: { METRICS_PORT: "65536" },
    want: 'METRICS_PORT must be a whole number from 0 to 65535, not "65536"',
  },
  {
    when: "both ports are one",
    env: { HEALTH_PORT: "9000", METRICS_PORT: "9000" },
    want: "HEALTH_PORT and METRICS_PORT must differ, and both are 9000",
  },
  {
    when: "nobody would work",
    env: { CONCURRENCY: "0" },
    want: 'CONCURRENCY must be a whole number from 1 to 256, not "0"',
  },
  {
    when: "a number has a fraction",
    env: { CONCURRENCY: "1.5" },
    want: 'CONCURRENCY must be a whole number from 1 to 256, not "1.5"',
  },
  {
    when: "a number is written as a program would",
    env: { CONCURRENCY: "0x10" },
    want: 'CONCURRENCY must be a whole number from 1 to 256, not "0x10"',
  },
  {
    when: "an upgrade is asked for in other words",
    env: { UPGRADE: "auto" },
    want: 'UPGRADE must be Automatic or Manual, not "auto"',
  },
  {
    when: "yes is said for true",
    env: { LEADER_ELECTION: "yes" },
    want: 'LEADER_ELECTION must be true or false, not "yes"',
  },
  {
    when: "a level is unknown",
    env: { LOG_LEVEL: "loud" },
    want: 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
  },
  {
    when: "a namespace has a name that none can have",
    env: { WATCH_NAMESPACES: "apps,We/b" },
    want: 'WATCH_NAMESPACES must hold names of namespaces, comma-separated, not "We/b"',
  },
])("when $when it says so", ({ env, want }) => {
  expect(parseConfig(env, "host-1")).toEqual({ problems: [want] });
});

test("reports all mistakes at once", () => {
  expect(parseConfig({ HEALTH_PORT: "x", LOG_LEVEL: "x", LEADER_ELECTION: "x" }, "h")).toMatchObject({
    problems: { length: 3 },
  });
});

test("returns a configuration that cannot be changed", () => {
  const answer = parseConfig({}, "h");
  expect("config" in answer && Object.isFrozen(answer.config)).toBe(true);
});
