export const JWT_SECRET = "0f4b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b";
export const ADMIN_TOKEN = "a-token-for-the-private-api";
export const PUBLISH_TOKEN = "a-token-that-may-only-publish";

/**
 * Environment variables of a gateway in tests: no Redis, free ports, and limits that are so high that tests do not
 * reach them.
 */
export const testEnvironment = {
  PORT: "0",
  ADMIN_PORT: "0",
  REDIS_ENABLED: "false",
  JWT_SECRET,
  ADMIN_TOKEN,
  WS_MAX_CONNECTIONS_PER_USER: "1000",
  WS_MAX_ROOMS_PER_USER: "1000",
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: "1000000",
  WS_MAX_CONNECTIONS_PER_ADDRESS: "100000",
  DRAIN_CONNECTIONS_PER_SECOND: "1000",
} as const;

/** The ports of a running gateway. */
export interface Ports {
  publicPort: number;
  privatePort: number;
}
