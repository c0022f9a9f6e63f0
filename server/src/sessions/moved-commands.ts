import { applyCommands, type CommandTarget } from "../app-handlers/apply-commands.ts";
import { readCommands, type Command } from "../app-handlers/handler-answer.ts";
import type { GatewayMessages } from "../connections/gateway-messages.ts";
import type { Logger } from "../observability/logger.ts";
import type { ClientSession } from "../recovery/client-session.ts";
import type { ClientSessions } from "../recovery/client-sessions.ts";

/**
 * Messages between gateways. The first has commands for a session. The second says that a gateway has applied these
 * commands.
 */
const APPLY = "handler_commands";
const APPLIED = "handler_commands_applied";
/**
 * How long a gateway keeps commands for a session that it does not have. The client could still return to this gateway.
 */
const HOLD_MS = 10_000;
const PRUNE_EVERY_MS = 2_000;
const MOST_BYTES = 16_777_216;

/**
 * The commands of one handler's answer. They wait because the client of the session is not connected to this gateway.
 */
interface Held {
  id: string;
  hash: string;
  commands: readonly Command[];
  bytes: number;
  untilMs: number;
}

export interface MovedCommandsDeps {
  sessions: ClientSessions;
  messages: GatewayMessages;
  maxMessageBytes: () => number;
  logger: Logger;
  nowMs: () => number;
}

/**
 * Applies commands to clients that disconnected while their handler ran. They are applied by the gateway to which the
 * client returns. Commands for a session that has ended are dropped.
 */
export class MovedCommands {
  readonly #deps: MovedCommandsDeps;
  readonly #targets = new WeakMap<ClientSession, CommandTarget>();
  readonly #held = new Map<string, Held>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: MovedCommandsDeps) {
    this.#deps = deps;
    const { messages, sessions } = deps;
    messages.on(APPLY, (id, hash, commands) => this.#receive(id, hash, commands));
    messages.on(APPLIED, (id) => this.#forget(String(id)));
    sessions.onOver((session, how) => {
      if (how === "taken elsewhere") this.#forward(this.#heldFor(session.hash));
      else if (how !== "taken here") for (const { id } of this.#heldFor(session.hash)) this.#forget(id);
    });
  }

  /** Applies the commands of one answer, or keeps them until the client returns. `id`: identifies the answer. */
  deliver(id: string, hash: string, commands: readonly Command[]): void {
    if (commands.length === 0) return;
    const session = this.#deps.sessions.find(hash);
    const target = this.#targetOf(session);
    if (target !== undefined) return this.#apply(target, commands);
    if (session === undefined) this.#deps.messages.send(APPLY, id, hash, commands);
    else this.#hold(id, hash, commands);
  }

  /**
   * Applies the commands that wait for the client of a session. Must be called when the client has entered its
   * namespace.
   */
  arrived(session: ClientSession, target: CommandTarget): void {
    this.#targets.set(session, target);
    for (const { id, commands } of this.#heldFor(session.hash)) this.#applyOnce(id, target, commands);
  }

  /** Sends the commands that wait on this gateway to the other gateways. Called when the gateway stops. */
  stop(): void {
    this.#forward([...this.#held.values()]);
    clearInterval(this.#timer);
  }

  #receive(id: unknown, hash: unknown, given: unknown): void {
    const commands = readCommands(given, this.#deps.maxMessageBytes());
    if (typeof id !== "string" || typeof hash !== "string" || commands === undefined) return;
    const target = this.#targetOf(this.#deps.sessions.find(hash));
    if (target === undefined) this.#hold(id, hash, commands);
    else this.#applyOnce(id, target, commands);
  }

  #targetOf(session: ClientSession | undefined): CommandTarget | undefined {
    const target = session === undefined ? undefined : this.#targets.get(session);
    return target?.isConnected === true ? target : undefined;
  }

  #heldFor(wanted: string): Held[] {
    if (this.#held.size === 0) return [];
    return [...this.#held.values()].filter(({ hash }) => hash === wanted);
  }

  #hold(id: string, hash: string, commands: readonly Command[]): void {
    const bytes = JSON.stringify(commands).length;
    if (this.#bytes + bytes > MOST_BYTES || this.#held.has(id)) return;
    this.#bytes += bytes;
    this.#held.set(id, { id, hash, commands, bytes, untilMs: this.#deps.nowMs() + HOLD_MS });
    this.#timer ??= setInterval(() => this.#prune(), PRUNE_EVERY_MS).unref();
  }

  #forget(id: string): void {
    this.#bytes -= this.#held.get(id)?.bytes ?? 0;
    this.#held.delete(id);
  }

  #forward(held: readonly Held[]): void {
    for (const { id, hash, commands } of held) {
      this.#forget(id);
      this.#deps.messages.send(APPLY, id, hash, commands);
    }
  }

  /** Applies the commands, and asks the other gateways to drop their copies of them. */
  #applyOnce(id: string, target: CommandTarget, commands: readonly Command[]): void {
    this.#forget(id);
    this.#deps.messages.send(APPLIED, id);
    this.#apply(target, commands);
  }

  #apply(target: CommandTarget, commands: readonly Command[]): void {
    const failed = (error: unknown): void =>
      this.#deps.logger.error({ err: error }, "commands of a handler could not be applied to the client");
    applyCommands(target, commands).then(({ disconnect }) => {
      if (disconnect !== undefined) target.disconnect(disconnect);
    }, failed);
  }

  /**
   * Drops commands that have waited too long. If their session is on this gateway and its client is disconnected, they
   * stay for as long as the client can return.
   */
  #prune(): void {
    const { sessions, nowMs } = this.#deps;
    for (const { id, hash, untilMs } of this.#held.values())
      if (nowMs() > untilMs && sessions.find(hash) === undefined) this.#forget(id);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
