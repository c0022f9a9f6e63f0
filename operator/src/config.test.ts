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
      logFormat: "numbers",
      logLevel: "info",
      concurrency: 8,
    },
  });
});

test.each([
  { when: "POD_NAME is set", env: { POD_NAME: "operator-7" }, want: { identity: "operator-7" } },
  {
    when: "the namespaces have extra spaces and commas",
    env: { WATCH_NAMESPACES: " apps, web ,," },
    want: { watchNamespaces: ["apps", "web"] },
  },
  {
    when: "the election is switched off",
    env: { LEADER_ELECTION: "false", LEASE_NAME: "x" },
    want: { leaseName: undefined },
  },
  {
    when: "an upgrade of the operator also upgrades their pods",
    env: { UPGRADE: "Automatic" },
    want: { upgrade: "Automatic" },
  },
  { when: "the ports are 0", env: { HEALTH_PORT: "0", METRICS_PORT: "0" }, want: { healthPort: 0, metricsPort: 0 } },
  { when: "a blank variable gets its default", env: { LOG_LEVEL: "  " }, want: { logLevel: "info" } },
])("$when", ({ env, want }) => {
  expect(parseConfig(env, "host-1")).toMatchObject({ config: want });
});

test.each([
  {
    when: "a port is not a number",
    env: { HEALTH_PORT: "http" },
    want: 'HEALTH_PORT must be a whole number from 0 to 65535, not "http"',
  },
  {
    when: "a port is too large",
    env: { METRICS_PORT: "65536" },
    want: 'METRICS_PORT must be a whole number from 0 to 65535, not "65536"',
  },
  {
    when: "both ports are equal",
    env: { HEALTH_PORT: "9000", METRICS_PORT: "9000" },
    want: "HEALTH_PORT and METRICS_PORT must differ, and both are 9000",
  },
  {
    when: "the concurrency is 0",
    env: { CONCURRENCY: "0" },
    want: 'CONCURRENCY must be a whole number from 1 to 256, not "0"',
  },
  {
    when: "a number has a fraction",
    env: { CONCURRENCY: "1.5" },
    want: 'CONCURRENCY must be a whole number from 1 to 256, not "1.5"',
  },
  {
    when: "a number is not in decimal digits",
    env: { CONCURRENCY: "0x10" },
    want: 'CONCURRENCY must be a whole number from 1 to 256, not "0x10"',
  },
  {
    when: "the upgrade policy is unknown",
    env: { UPGRADE: "auto" },
    want: 'UPGRADE must be Automatic or Manual, not "auto"',
  },
  {
    when: "a boolean is not true or false",
    env: { LEADER_ELECTION: "yes" },
    want: 'LEADER_ELECTION must be true or false, not "yes"',
  },
  {
    when: "the log level is unknown",
    env: { LOG_LEVEL: "loud" },
    want: 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
  },
  {
    when: "the log format is unknown",
    env: { LOG_FORMAT: "text" },
    want: 'LOG_FORMAT must be numbers or words, not "text"',
  },
  {
    when: "a namespace name is invalid",
    env: { WATCH_NAMESPACES: "apps,We/b" },
    want: 'WATCH_NAMESPACES must contain names of namespaces, comma-separated, not "We/b"',
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
