import type { Refusal } from "../protocol/refusals.ts";
import type { Command } from "./handler-answer.ts";
import type { Caller } from "./handler-request.ts";

/** A message that a handler sends to a room. */
export interface Publication {
  room: string;
  event: string;
  data?: unknown;
  exceptSender?: boolean | undefined;
  volatile?: boolean | undefined;
}

/** The client to which a handler's commands are applied. */
export interface CommandTarget {
  readonly isConnected: boolean;
  /** Joins a room, even if the client's token does not list it. The user's room limit applies. */
  join(room: string): Promise<Refusal | undefined>;
  leaveAloud(room: string): Promise<void>;
  emit(event: string, data: readonly unknown[]): void;
  publish(publication: Publication): void;
  disconnect(manner: { reconnect: boolean }): void;
}

/** A client for which handlers of the application answer events and decide. */
export interface AppClient extends CommandTarget {
  caller(): Caller;
  /** Names of the rooms that the client is in. The room that has the client's socket id is left out. */
  roomNames(): readonly string[];
  /**
   * Applies the commands of one answer. If the client is disconnected, they are applied when it returns, on any
   * gateway. `id`: identifies the answer.
   */
  deliver(id: string, commands: readonly Command[]): void;
}

/**
 * The result of applying commands. `disconnect`: the caller must disconnect the client after it has sent the client its
 * answer.
 */
export interface Applied {
  refusal?: Refusal;
  disconnect?: { reconnect: boolean };
}

/** Applies commands in their order. Commands after a refused join or after a disconnect are skipped. */
export async function applyCommands(target: CommandTarget, commands: readonly Command[]): Promise<Applied> {
  for (const command of commands) {
    if ("disconnect" in command) return { disconnect: command.disconnect };
    if ("join" in command) {
      const answer = await target.join(command.join);
      if (answer !== undefined) return { refusal: answer };
    } else if ("leave" in command) await target.leaveAloud(command.leave);
    else if ("emit" in command) target.emit(command.emit[0], command.emit.slice(1));
    else target.publish(command.publish);
  }
  return {};
}
