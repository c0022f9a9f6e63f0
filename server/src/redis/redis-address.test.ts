import { describe, expect, test } from "@jest/globals";
import { describeRedis, parseRedisAddress, type RedisTarget } from "./redis-address.ts";

describe("an address is read", () => {
  test.each<{ url: string; want: Partial<RedisTarget> & Record<string, unknown> }>([
    { url: "redis://host", want: { type: "single", host: "host", port: 6379, database: 0 } },
    { url: "redis://pw@host:7000/3", want: { type: "single", host: "host", port: 7000, database: 3, password: "pw" } },
    { url: "redis://:a?b%2F@[::1]", want: { type: "single", host: "::1", port: 6379, database: 0, password: "a?b/" } },
    {
      url: "rediss://ada:pw@host",
      want: { type: "single", host: "host", port: 6379, database: 0, username: "ada", password: "pw", tls: {} },
    },
    { url: "REDISS://host", want: { type: "single", host: "host", port: 6379, database: 0, tls: {} } },
    { url: "Redis+Cluster://host", want: { type: "cluster", nodes: [{ host: "host", port: 6379 }] } },
    {
      url: "rediss://host?tlsServerName=redis.example.com",
      want: { type: "single", host: "host", port: 6379, database: 0, tls: { serverName: "redis.example.com" } },
    },
    {
      url: "rediss+cluster://a,b:7001",
      want: {
        type: "cluster",
        tls: {},
        nodes: [
          { host: "a", port: 6379 },
          { host: "b", port: 7001 },
        ],
      },
    },
    {
      url: "redis+sentinel://:pw@a/main",
      want: { type: "sentinel", name: "main", sentinels: [{ host: "a", port: 26379 }], password: "pw" },
    },
    {
      url: "rediss+sentinel://ada:pw@a/main?sentinelUsername=bob&sentinelPassword=p%26+w%3D",
      want: {
        type: "sentinel",
        name: "main",
        sentinels: [{ host: "a", port: 26379 }],
        username: "ada",
        password: "pw",
        sentinelLogin: { username: "bob", password: "p&+w=" },
        tls: {},
      },
    },
    {
      url: "redis+sentinel://:pw@a/main?sentinelPassword=",
      want: {
        type: "sentinel",
        name: "main",
        sentinels: [{ host: "a", port: 26379 }],
        password: "pw",
        sentinelLogin: {},
      },
    },
  ])("$url", ({ url, want }) => {
    expect(parseRedisAddress(url)).toEqual(want);
  });
});

describe("what is wrong with an address is named, without its password", () => {
  test.each([
    { url: "http://:hunter2@host", want: "must look like" },
    { url: "redis://:hunter2@host:99999", want: "port from 1 to 65535" },
    { url: "redis://:hunter2@a,b", want: "names several hosts" },
    { url: "redis://:hunter2@host/main", want: "database number" },
    { url: "redis+sentinel://:hunter2@host", want: "name of the master" },
    { url: "redis://:hunter2@x@host", want: "percent-encode" },
    { url: "redis://:hunter2/x@host", want: "percent-encode" },
    { url: "redis://:hunter2@host?tls=true", want: "for TLS begin it with rediss" },
    { url: "rediss://host?password=hunter2", want: "has an unknown option" },
    { url: "rediss://host?__proto__=hunter2", want: "has an unknown option" },
    { url: "redis://:hunter2@host?tlsServerName=a", want: "begin it with rediss" },
    { url: "rediss://:hunter2@host?tlsServerName=", want: "empty tlsServerName" },
    { url: "rediss://host?sentinelPassword=hunter2", want: "options for Sentinels but names no Sentinel" },
    { url: "redis+sentinel://:hunter2@host/main?sentinelUsername=ada", want: "without sentinelPassword" },
  ])("$url", ({ url, want }) => {
    const answer = parseRedisAddress(url) as { problem: string };
    expect(answer.problem).toContain(want);
    expect(answer.problem).not.toContain("hunter2");
  });
});

test.each([
  { url: "redis://:pw@host", want: "host:6379" },
  { url: "rediss://:pw@host", want: "host:6379 over TLS" },
  { url: "rediss+sentinel://:pw@a,b/main", want: "main of Sentinel a:26379,b:26379 over TLS" },
  { url: "redis+cluster://:pw@a", want: "Redis Cluster a:6379" },
])("$url is logged as $want", ({ url, want }) => {
  expect(describeRedis(parseRedisAddress(url) as RedisTarget)).toBe(want);
});
