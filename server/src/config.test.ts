import { hostname } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { parseConfig, type Config } from "./config.ts";
import { environment } from "./environment.ts";

const secret = "0f4b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b";
const least = { JWT_SECRET: secret };

function configOf(env: Record<string, string>): Config {
  const answer = parseConfig({ ...least, ...env });
  if ("problems" in answer) throw new Error(answer.problems.join("\n"));
  return answer.config;
}

function problemsOf(env: Record<string, string>): readonly string[] {
  const answer = parseConfig(env);
  return "problems" in answer ? answer.problems : [];
}

test("with a secret alone every other variable has the default of the table", () => {
  const { live, ...config } = configOf({});
  expect(config).toMatchObject({
    port: Number(environment.PORT.default),
    adminPort: Number(environment.ADMIN_PORT.default),
    nodeName: hostname(),
    transports: ["websocket"],
    redis: [{ type: "single", host: "localhost", port: 6379 }],
    trustedProxies: { type: "hops", hops: 0 },
    auth: { type: "hmac", secrets: [secret] },
  });
  expect(live).toMatchObject({
    generation: 0,
    origins: [],
    rooms: "claims",
    limits: { maxConnections: 10_000, maxEventsPerMinute: 100 },
  });
});

test("the configuration cannot be changed afterwards", () => {
  expect(Object.isFrozen(configOf({}))).toBe(true);
});

describe("the value of a variable", () => {
  test.each<{ name: string; env: Record<string, string>; want: Partial<Config> }>([
    {
      name: "two transports with any spaces, each once",
      env: { WS_TRANSPORTS: "polling, websocket,polling" },
      want: { transports: ["polling", "websocket"] },
    },
    {
      name: "an empty variable is a variable that is not set",
      env: { PORT: "", LOG_LEVEL: " " },
      want: { port: 3000, logLevel: "info" },
    },
    { name: "no Redis", env: { REDIS_ENABLED: "false", REDIS_URL: "nonsense" }, want: { redis: undefined } },
    {
      name: "a demo has no Redis and needs no secret",
      env: { JWT_SECRET: "", DEMO_MODE: "true" },
      want: { redis: undefined, auth: { type: "none" } },
    },
    {
      name: "none as issuers accepts every client",
      env: { JWT_SECRET: "", JWT_ISSUERS: "none" },
      want: { auth: { type: "none" } },
    },
    { name: "the pod's name", env: { POD_NAME: "chat-0" }, want: { nodeName: "chat-0" } },
    { name: "proxies by number", env: { TRUSTED_PROXIES: "2" }, want: { trustedProxies: { type: "hops", hops: 2 } } },
    { name: "a long prefix", env: { REDIS_PREFIX: "p".repeat(128) }, want: { redisPrefix: "p".repeat(128) } },
    {
      name: "one of a hundred traces",
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" },
      want: { tracing: { endpoint: "http://collector:4318", sampler: "parentbased_traceidratio", ratio: 0.01 } },
    },
    {
      name: "no collector, although there are settings for one",
      env: { OTEL_TRACES_SAMPLER: "xray" },
      want: { tracing: undefined },
    },
    {
      name: "a DSN for error reports",
      env: { SENTRY_DSN: "https://key@sentry.example.com/1" },
      want: { sentryDsn: "https://key@sentry.example.com/1" },
    },
    {
      name: "a password next to host and port, with characters that a URL cannot contain",
      env: { REDIS_HOST: "redis", REDIS_PORT: "7000", REDIS_PASSWORD: "a@b/c:d" },
      want: { redis: [{ type: "single", host: "redis", port: 7000, database: 0, password: "a@b/c:d" }] },
    },
  ])("$name", ({ env, want }) => {
    expect(configOf(env)).toMatchObject(want);
  });

  test("two Redis servers of one cluster, as the operator names them", () => {
    const { redis } = configOf({
      REDIS_URL: "redis://:pw@chat-redis-0.chat-redis:6379,redis://:pw@chat-redis-1.chat-redis:6379",
    });
    expect(redis).toMatchObject([
      { host: "chat-redis-0.chat-redis", password: "pw" },
      { host: "chat-redis-1.chat-redis", password: "pw" },
    ]);
  });

  test("the hosts of one Sentinel URL stay together, even when they are called redis", () => {
    const { redis } = configOf({
      REDIS_URL: "redis+sentinel://redis-0:26379,redis-1:26379/mymaster",
      REDIS_PASSWORD: "pw",
    });
    expect(redis).toMatchObject([
      { type: "sentinel", name: "mymaster", sentinels: [{ host: "redis-0" }, { host: "redis-1" }], password: "pw" },
    ]);
  });
});

describe("reports problems of the environment", () => {
  test.each<{ name: string; env: Record<string, string>; want: string }>([
    {
      name: "one issuer named with and without a slash",
      env: {
        JWT_SECRET: "",
        JWT_ISSUERS:
          '[{"issuer":"https://a","audience":"b","jwksURL":"https://a/k"},{"issuer":"https://a/","clientId":"c","jwksURL":"https://a/k"}]',
      },
      want: "names an issuer twice",
    },
    {
      name: "an issuer with an empty claim for rooms",
      env: { JWT_SECRET: "", JWT_ISSUERS: '[{"issuer":"a","clientId":"b","jwksURL":"https://a/","roomsClaim":""}]' },
      want: "JWT_ISSUERS[0].roomsClaim must be a string",
    },
    { name: "no secret", env: { JWT_SECRET: "" }, want: "JWT_SECRET or JWT_ISSUERS is required" },
    { name: "two ways to check tokens", env: { JWT_ISSUERS: "none" }, want: "are both set" },
    {
      name: "issuers that are not JSON",
      env: { JWT_SECRET: "", JWT_ISSUERS: "https://id.example.com" },
      want: "JWT_ISSUERS must be none, or a JSON list",
    },
    {
      name: "no issuers",
      env: { JWT_SECRET: "", JWT_ISSUERS: "[]" },
      want: "JWT_ISSUERS must be none, or a JSON list",
    },
    {
      name: "an issuer without an audience",
      env: { JWT_SECRET: "", JWT_ISSUERS: '[{"issuer":"a","jwksURL":"https://a/"}]' },
      want: "JWT_ISSUERS[0] needs an audience, or a clientId",
    },
    {
      name: "keys in a file",
      env: { JWT_SECRET: "", JWT_ISSUERS: '[{"issuer":"a","audience":"b","jwksURL":"file:///etc/keys"}]' },
      want: "JWT_ISSUERS[0].jwksURL must be an http",
    },
    { name: "transports that are empty", env: { WS_TRANSPORTS: "" }, want: "WS_TRANSPORTS must not be empty" },
    { name: "transports that are only a comma", env: { WS_TRANSPORTS: "," }, want: "WS_TRANSPORTS must contain" },
    { name: "an unknown transport", env: { WS_TRANSPORTS: "carrier-pigeon" }, want: "WS_TRANSPORTS must contain" },
    { name: "a port above 65535", env: { PORT: "70000" }, want: "PORT must be a whole number from 0 to 65535" },
    { name: "one port for both listeners", env: { PORT: "9090" }, want: "PORT and ADMIN_PORT must differ" },
    {
      name: "a number in another notation",
      env: { WS_MAX_ROOMS_PER_USER: "1e3" },
      want: "WS_MAX_ROOMS_PER_USER must be a whole number",
    },
    {
      name: "an origin with a slash at the end",
      env: { REALTIME_CORS_ORIGIN: "https://app.example.com/" },
      want: "REALTIME_CORS_ORIGIN must contain",
    },
    {
      name: "a short publish token",
      env: { PUBLISH_TOKEN: "publish" },
      want: "PUBLISH_TOKEN must have at least 16 bytes",
    },
    {
      name: "one token for everything",
      env: { PUBLISH_TOKEN: "0123456789abcdef", ADMIN_TOKEN: "0123456789abcdef" },
      want: "PUBLISH_TOKEN and ADMIN_TOKEN must differ",
    },
    { name: "a short admin token", env: { ADMIN_TOKEN: "admin" }, want: "ADMIN_TOKEN must have at least 16 bytes" },
    {
      name: "too many proxies",
      env: { TRUSTED_PROXIES: "17" },
      want: "TRUSTED_PROXIES must be a number from 0 to 16, or networks",
    },
    { name: "an invalid network", env: { TRUSTED_PROXIES: "10.0.0.0/8,nowhere" }, want: "TRUSTED_PROXIES" },
    { name: "a Redis of another scheme", env: { REDIS_URL: "http://redis" }, want: "REDIS_URL must look like" },
    {
      name: "a port that Docker's links have set",
      env: { REDIS_PORT: "tcp://10.0.0.1:6379" },
      want: "REDIS_HOST and REDIS_PORT",
    },
    {
      name: "a prefix with a pattern character",
      env: { REDIS_PREFIX: "chat*" },
      want: "REDIS_PREFIX must have 1 to 128",
    },
    {
      name: "neither true nor false",
      env: { REDIS_ENABLED: "maybe" },
      want: "REDIS_ENABLED must be one of true, false",
    },
    {
      name: "a DSN without a project",
      env: { SENTRY_DSN: "https://key@sentry.example.com/" },
      want: "SENTRY_DSN must look like",
    },
    {
      name: "a collector without a scheme",
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      want: "OTEL_EXPORTER_OTLP_ENDPOINT must look like",
    },
    {
      name: "an unknown sampler",
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_TRACES_SAMPLER: "xray" },
      want: "OTEL_TRACES_SAMPLER must be one of",
    },
    {
      name: "a ratio above 1",
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_TRACES_SAMPLER_ARG: "5" },
      want: "OTEL_TRACES_SAMPLER_ARG must be a number",
    },
    { name: "an unknown level", env: { LOG_LEVEL: "loud" }, want: "LOG_LEVEL must be one of" },
  ])("$name", ({ env, want }) => {
    expect(problemsOf({ ...least, ...env })).toEqual([expect.stringContaining(want)]);
  });

  test("all at once", () => {
    expect(problemsOf({ PORT: "x", ADMIN_PORT: "y", ROOM_POLICY: "z" })).toHaveLength(4);
  });

  test("without repeating a secret", () => {
    const text = problemsOf({
      JWT_SECRET: "hunter2",
      ADMIN_TOKEN: "hunter2",
      REDIS_URL: "http://:hunter2@redis",
      SENTRY_DSN: "hunter2",
      OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://:hunter2@collector",
    }).join("\n");
    expect(text.split("\n")).toHaveLength(5);
    expect(text).not.toContain("hunter2");
  });
});

test.each<{ name: string; env: Record<string, string>; want: string }>([
  {
    name: "one node in memory",
    env: { REDIS_ENABLED: "false" },
    want: "this gateway runs alone and keeps its state in memory",
  },
  {
    name: "tokens that are not checked",
    env: { JWT_SECRET: "", JWT_ISSUERS: "none" },
    want: "every client may connect",
  },
  { name: "a private API that is closed", env: {}, want: "ADMIN_TOKEN is not set" },
])("$name is reported as a warning", ({ env, want }) => {
  const answer = parseConfig({ ...least, ...env });
  expect("warnings" in answer && answer.warnings).toContainEqual(expect.stringContaining(want));
});
