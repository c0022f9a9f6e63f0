import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "socket.io";
import type { Channel } from "../../app-handlers/channel.ts";
import type { Command } from "../../app-handlers/handler-answer.ts";
import type { Failure } from "../../app-handlers/failure.ts";
import { Caller, headersFor } from "../../app-handlers/handler-request.ts";
import { Pace } from "../../app-handlers/pace.ts";
import type { Connection } from "../../connections/connection.ts";
import type { GatewayDeps } from "../../deps.ts";
import { AppRefusal } from "../../handlers/handler.ts";
import type { Refusal } from "../../protocol/refusals.ts";
import { refusalOf } from "./app-hooks.ts";

/** A client that would have to wait longer than this is refused for now. Stock clients try again. */
const MOST_WAIT_MS = 15_000;
const TOO_MANY: Failure = { reason: "busy", detail: "too many clients connect" };

export type ConnectHookDeps = Pick<GatewayDeps, "appHandlers" | "config" | "live" | "newId" | "nowMs">;

/** Commands from the application's answer to CONNECT. They are applied when the client's session starts. */
const commandsOf = new WeakMap<Socket, readonly Command[]>();

/** Returns the commands of the application's answer to CONNECT, and forgets them. */
export function takeConnectCommands(socket: Socket): readonly Command[] {
  const commands = commandsOf.get(socket) ?? [];
  commandsOf.delete(socket);
  return commands;
}

/**
 * The guard that asks the application whether it admits a client with a valid token. The number of requests per second
 * is limited, because all clients come at once after an outage.
 */
export function connectHook({ appHandlers, config, live, newId, nowMs }: ConnectHookDeps) {
  const pace = new Pace(() => live.config.drain.connectionsPerSecond);

  async function ask(connection: Connection, socket: Socket): Promise<Refusal | AppRefusal | undefined> {
    const { entry } = appHandlers.hook("connect")!;
    const afterMs = pace.take(nowMs(), MOST_WAIT_MS);
    if (afterMs === undefined) return withoutAnswer(entry, TOO_MANY);
    // Prevent the connection watchdog from closing the connection while the application is asked.
    const untilMs = nowMs() + afterMs + MOST_WAIT_MS + entry.timeoutMilliseconds;
    connection.emptyUntilMs = Math.max(connection.emptyUntilMs, untilMs);
    if (afterMs > 0) await sleep(afterMs, undefined, { ref: false });
    if (connection.engine.readyState !== "open") return undefined;
    const channel = appHandlers.hook("connect");
    if (channel === undefined) return undefined;
    const request = { id: newId(), kind: "connect", payload: null, ack: false, orderKey: undefined } as const;
    const caller = callerOf(connection, socket, config.handlerHeaders);
    const outcome = await channel.send({ ...request, caller, rooms: () => [] });
    if ("failure" in outcome) return withoutAnswer(channel.entry, outcome.failure);
    const { error, commands } = outcome.answer;
    if (error !== undefined) return new AppRefusal(error);
    if (commands.length > 0) commandsOf.set(socket, commands);
    return undefined;
  }

  return ({ connection, socket }: { connection: Connection; socket: Socket }) =>
    appHandlers.hook("connect") === undefined ? undefined : ask(connection, socket);
}

/**
 * The refusal if the handler gave no answer. Marked as temporary whatever its code is, so that stock clients try again
 * by themselves.
 */
function withoutAnswer({ name, onFailure }: Channel["entry"], failure: Failure): Refusal | undefined {
  return onFailure === "Allow" ? undefined : { ...refusalOf(failure, name), isPassing: true };
}

/** Describes the client to the handler. The client has no session yet. */
function callerOf(connection: Connection, socket: Socket, headers: readonly string[]): Caller {
  const { userId, claims } = connection.identity!;
  return new Caller({
    ...{ namespace: socket.nsp.name, socketId: socket.id, sessionId: "", user: userId, claims },
    headers: headersFor(connection.engine.request.headers, headers),
  });
}
