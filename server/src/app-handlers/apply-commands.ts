import type { Refusal } from "../protocol/refusals.ts";
import type { Command } from "./handler-answer.ts";
import type { Caller } from "./handler-request.ts";

/** A message of a handler to a room. */
export interface Publication {
  room: string;
  event: string;
  data?: unknown;
  exceptSender?: boolean | undefined;
  volatile?: boolean | undefined;
}

/** The client for which commands are applied. */
export interface CommandTarget {
  readonly isConnected: boolean;
  /** Enters a room, also one that the token does not list. The room limit holds. */
  join(room: string): Promise<Refusal | undefined>;
  leaveAloud(room: string): Promise<void>;
  emit(event: string, data: readonly unknown[]): void;
  publish(publication: Publication): void;
  disconnect(manner: { reconnect: boolean }): void;
}

/** A client for which handlers are called. */
export interface AppClient extends CommandTarget {
  caller(): Caller;
  /** Applies the commands of an answer where the client is connected now, or when it returns. */
  deliver(id: string, commands: readonly Command[]): void;
}

/** How the commands ended. `disconnect`: the caller disconnects the client after it has answered. */
export interface Applied {
  refusal?: Refusal;
  disconnect?: { reconnect: boolean };
}

/** Applies commands in their order. Those after a refused join, or after a disconnect, are left out. */
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
