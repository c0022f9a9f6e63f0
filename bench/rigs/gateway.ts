import type { HandlersModule } from "../../server/src/app-handlers/module/handlers-module.ts";
import { parseConfig } from "../../server/src/config.ts";
import { nodeIdOf } from "../../server/src/node-id.ts";
import { makeLogger } from "../../server/src/observability/logger.ts";
import { roomOfCase } from "../../server/src/protocol/rooms.ts";
import { start } from "../../server/src/start.ts";
import { app } from "./handler.ts";
import type { Rig, RigOptions } from "./rig.ts";

/**
 * High limits. The gateway enforces them, but no client reaches them: a refusal would cost less than the work to
 * measure.
 */
const wide = {
  WS_MAX_CONNECTIONS_PER_USER: "1000",
  WS_MAX_GLOBAL_CONNECTIONS: "100000",
  WS_MAX_ROOMS_PER_USER: "1000",
  WS_RATE_LIMIT_EVENTS_PER_MINUTE: "1000000",
  WS_MAX_CONNECTIONS_PER_ADDRESS: "10000000",
};

/**
 * The real gateway, started as main.ts does it, with token checks, limits, validation, the ledger (in memory or Redis),
 * recovery and metrics. `overrides` are environment variables.
 */
export async function gateway(
  { secret, redisUrl, pings }: RigOptions,
  overrides: Record<string, string> = {},
  handlersModule?: HandlersModule,
): Promise<Rig> {
  const redis = redisUrl === undefined ? { REDIS_ENABLED: "false" } : { REDIS_URL: redisUrl };
  const answer = parseConfig({
    PORT: "0",
    ADMIN_PORT: "0",
    JWT_SECRET: secret,
    ADMIN_TOKEN: secret,
    LOG_LEVEL: "warn",
    ...wide,
    ...redis,
    ...overrides,
  });
  if ("problems" in answer) throw new Error(answer.problems.join("\n"));
  const nodeId = nodeIdOf("bench", Math.random);
  const { logger } = makeLogger({ level: answer.config.logLevel, format: "numbers" }, nodeId);
  const running = await start(answer.config, nodeId, logger, { nowMs: Date.now, random: Math.random, handlersModule });
  await running.bus.whenReady();
  // Send no pings, like the other servers under test: clients that only count bytes do not answer pings.
  const engine = running.gateway.io.engine as { opts: { pingInterval: number; pingTimeout: number } };
  if (pings !== "usual") Object.assign(engine.opts, { pingInterval: 300_000, pingTimeout: 300_000 });
  const namespace = running.gateway.io.of("/messaging");
  return {
    port: running.publicPort,
    emit: (room, data) => void namespace.to(roomOfCase(room)).emit("m", data),
    members: (room) => (namespace.adapter.rooms.get(roomOfCase(room)) ?? namespace.adapter.rooms.get(room))?.size ?? 0,
  };
}

/** The gateway with an application that answers case:* over HTTP. */
export function gatewayWithHandler(options: RigOptions): Promise<Rig> {
  // On a busy machine an answer may need more than the default of 1 s. A refusal would cost less than the real work.
  const entry = { name: "cases", url: options.handlerUrl, events: ["case:*"], timeoutMilliseconds: 30_000 };
  return gateway(options, { HANDLERS: JSON.stringify([entry]), HANDLER_SECRET: options.secret });
}

/** The gateway with an application that answers case:* in its process. */
export function gatewayWithModule(options: RigOptions): Promise<Rig> {
  return gateway(options, {}, app);
}
