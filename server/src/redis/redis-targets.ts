import { parseRedisAddress, type RedisTarget } from "./redis-address.ts";
import type { RedisTlsFiles } from "./redis-tls.ts";

export interface RedisTexts {
  /** The text of REDIS_URL: URLs separated by commas. If it is empty, host and port are used. */
  urls: string;
  host: string;
  port: string;
  /** The password for all URLs that contain none. */
  password: string;
  tlsFiles: { [Part in keyof RedisTlsFiles]: string | undefined };
}

/**
 * Parses the settings for Redis. The targets are Redis servers that are independent of each other, in order of
 * preference.
 */
export function parseRedisTargets({ urls, host, port, password, tlsFiles }: RedisTexts): {
  targets: readonly RedisTarget[];
  problems: readonly string[];
} {
  // Split only at commas in front of a scheme, because commas also separate the hosts in the URL of Sentinels or of a
  // Redis Cluster.
  const given = urls.split(/,(?=\s*rediss?(?:\+\w+)?:\/\/)/).filter((url) => url.trim() !== "");
  const { files, problems } = filesIn(tlsFiles);
  const targets = (given.length > 0 ? given : [`redis://${host}:${port}`]).flatMap((url) => {
    const target = parseRedisAddress(url);
    if ("problem" in target) {
      problems.push(
        given.length > 0 ? target.problem : "REDIS_HOST and REDIS_PORT must be a host name and a port from 1 to 65535",
      );
      return [];
    }
    return {
      ...target,
      ...(password === "" || target.password !== undefined ? {} : { password }),
      ...(target.tls === undefined || files === undefined ? {} : { tls: { ...target.tls, files } }),
    };
  });
  if (files !== undefined && problems.length === 0 && targets.every(({ tls }) => tls === undefined))
    problems.push("REDIS_CA_FILE, REDIS_CERT_FILE and REDIS_KEY_FILE need TLS: begin REDIS_URL with rediss");
  return { targets, problems };
}

function filesIn({ ca, cert, key }: RedisTexts["tlsFiles"]): { files?: RedisTlsFiles; problems: string[] } {
  if ((cert === undefined) !== (key === undefined))
    return { problems: ["REDIS_CERT_FILE and REDIS_KEY_FILE belong together: set both, or neither"] };
  if (ca === undefined && cert === undefined) return { problems: [] };
  const client = cert === undefined || key === undefined ? {} : { cert, key };
  return { files: { ...(ca === undefined ? {} : { ca }), ...client }, problems: [] };
}
