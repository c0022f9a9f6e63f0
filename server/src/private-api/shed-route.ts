import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { contract } from "../contract.ts";
import type { Cordon, CordonRequest } from "../drain/cordon.ts";
import type { Drain } from "../drain/drain.ts";
import type { Logger } from "../observability/logger.ts";
import { checked } from "./checked.ts";
import type { ApiAnswer, Route } from "./private-listener.ts";

export interface ShedDeps {
  gateway: { connections: { readonly size: number } };
  drain: Pick<Drain, "shed">;
  cordon: Pick<Cordon, "begin" | "end" | "noticed">;
  drainTimeoutMs: number;
  logger: Logger;
  nowMs: () => number;
  /** A signal that aborts when the gateway stops. */
  signal: AbortSignal;
}

/**
 * For how long the gateway stays closed after the last close. Stock clients reconnect after 0.5 to 1.5 s, and must not
 * come back to a gateway that has given its clients up.
 */
const RECONNECT_MS = 2_000;
const MAX_CONNECTIONS = 1_000_000;
/** If deadlineMs has at least this value, it is a time since 1970. Below, it is a number of milliseconds from now. */
const FIRST_TIME_MS = 1_000_000_000_000;
const COUNT = `must be from 1 to ${MAX_CONNECTIONS}`;
const count = z.number().int();

const shedBody = z
  .strictObject({
    /**
     * How many connections to move. 0 is allowed only with `exclusive`, which then closes the gateway to new clients
     * without moving any.
     */
    connections: count.min(0, COUNT).max(MAX_CONNECTIONS, COUNT),
    exclusive: z.boolean().optional(),
    share: count.min(1, COUNT).max(MAX_CONNECTIONS, COUNT).optional(),
    deadlineMs: count.min(1, "must be at least 1").optional(),
  })
  .refine(({ connections, exclusive }) => connections > 0 || exclusive === true, {
    path: ["connections"],
    error: COUNT,
  })
  .refine(({ share, exclusive }) => share === undefined || exclusive === true, {
    path: ["share"],
    error: "needs exclusive: true",
  });
type ShedBody = z.infer<typeof shedBody>;

/** `POST /shed`: moves connections to other gateways. The gateway goes on serving the others. */
export function shedRoute(deps: ShedDeps): Route {
  const { gateway, cordon, drainTimeoutMs, nowMs } = deps;

  async function handle({ connections, exclusive, share, deadlineMs = drainTimeoutMs }: ShedBody): Promise<ApiAnswer> {
    const untilMs = deadlineMs < FIRST_TIME_MS ? nowMs() + deadlineMs : deadlineMs;
    const request = exclusive === true ? { untilMs, share } : undefined;
    if (request !== undefined && !(await cordon.begin(request)))
      return { status: 409, body: { error: "no other gateway is ready to take the clients that would be moved" } };
    if (connections > 0) void shed(deps, { connections, untilMs, request });
    return { status: 202, body: { shedding: Math.min(connections, gateway.connections.size) } };
  }

  return {
    method: "POST",
    path: contract.paths.shed,
    access: "bearer",
    handle: ({ body }) => checked(shedBody, body, handle),
  };
}

interface Shed {
  connections: number;
  untilMs: number;
  request: CordonRequest | undefined;
}

async function shed(
  { drain, cordon, logger, signal }: ShedDeps,
  { connections, untilMs, request }: Shed,
): Promise<void> {
  try {
    if (request !== undefined) await cordon.noticed(signal);
    const moved = await drain.shed({
      wanted: connections,
      deadlineMs: untilMs,
      sparesReturned: request !== undefined,
    });
    logger.info({ moved }, "connections shed");
    if (request !== undefined) await sleep(RECONNECT_MS, undefined, { ref: false, signal }).catch(() => undefined);
  } catch (error) {
    logger.error({ err: error }, "shedding connections failed");
  } finally {
    if (request !== undefined) cordon.end(request);
  }
}
