/**
 * The versions whose undocumented members this folder uses, one file per package. An upgrade begins with this table:
 * internals.test.ts fails for any other version, and checks each member in the installed packages.
 */
export const TESTED_VERSIONS = {
  "socket.io": "4.8.4",
  "socket.io-adapter": "2.5.8",
  "socket.io-parser": "4.2.7",
  "@socket.io/redis-adapter": "8.3.0",
  "engine.io": "6.6.12",
  ws: "8.23.0",
  ioredis: "6.0.0",
} as const;
