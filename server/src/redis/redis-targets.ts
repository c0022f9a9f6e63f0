import { parseRedisAddress } from "./redis-address.ts";
import type { RedisTarget } from "./redis-address.ts";

export interface RedisTexts {
  /** REDIS_URL: URLs, comma-separated; empty: host and port count. */
  urls: string;
  host: string;
  port: string;
  /** For what names no password itself. */
  password: string;
}

/** Reads where Redis is. Several targets are independent of each other, in order of preference. */
export function parseRedisTargets({ urls, host, port, password }: RedisTexts): {
  targets: readonly RedisTarget[];
  problems: readonly string[];
} {
  // A comma also stands between the hosts of one Sentinel or Cluster URL, and a host may be called redis-0.
  const given = urls.split(/,(?=\s*rediss?(?:\+\w+)?:\/\/)/).filter((url) => url.trim() !== "");
  const problems: string[] = [];
  const targets = (given.length > 0 ? given : [`redis://${host}:${port}`]).flatMap((url) => {
    const target = parseRedisAddress(url);
    if ("problem" in target) {
      problems.push(
        given.length > 0 ? target.problem : "REDIS_HOST and REDIS_PORT must be a host name and a port from 1 to 65535",
      );
      return [];
    }
    return password === "" || target.password !== undefined ? target : { ...target, password };
  });
  return { targets, problems };
}
