import type { GoneEntry } from "../gone/gone-session.ts";
import { numberIn } from "./log-replies.ts";
import type { RecoveryLink, RecoveryScript } from "./recovery-link.ts";
import { readSession, type StoredSession } from "./session-store.ts";

export interface Beat {
  /** True if Redis did not know this owner: it is new, or was counted as dead, or Redis has lost its data. */
  isNew: boolean;
  /** Owner → milliseconds since its last heartbeat. */
  agesMs: ReadonlyMap<string, number>;
}

/** A page of sessions whose clients must leave their rooms. busy: another gateway is doing this now. */
export type Page = "busy" | { cursor: string; sessions: readonly StoredSession[] };

/** A session whose client was removed from its rooms. `gone`: what the application must be told. */
export interface LeftSession {
  hash: string;
  gone: GoneEntry | undefined;
}

/** What Redis answers when the grace period of a session has passed. */
export type Leave = "left" | "none" | { generation: number; owner: string };

/**
 * The owners of sessions (the gateways) in Redis. Each method resolves to undefined while Redis cannot be used or
 * recovery is off.
 */
export class OwnerStore {
  readonly #link: () => RecoveryLink | undefined;
  readonly #owner: string;

  constructor(link: () => RecoveryLink | undefined, owner: string) {
    this.#link = link;
    this.#owner = owner;
  }

  beat(): Promise<Beat | undefined> {
    return this.#run("beatOwner", [this.#owner], readBeat);
  }

  leavePage(dead: readonly string[], cursor: string, { count, lockMs }: { count: number; lockMs: number }) {
    return this.#run("leavePage", [this.#owner, lockMs, cursor, count, JSON.stringify(dead)], readPageOfSessions);
  }

  confirmLeft(left: readonly LeftSession[]): Promise<true | undefined> {
    if (left.length === 0) return Promise.resolve(true);
    const list = left.map(({ hash, gone }) => (gone === undefined ? [hash] : [hash, gone.id, gone.dueInMs, gone.text]));
    return this.#run("confirmLeft", [JSON.stringify(list)], isList);
  }

  forget(dead: readonly string[]): Promise<true | undefined> {
    return this.#run("forgetOwners", [this.#owner, ...dead], isList);
  }

  leave({ hash, generation }: { hash: string; generation: number }): Promise<Leave | undefined> {
    return this.#run("leaveSession", [hash, generation], readLeave);
  }

  #run<T>(
    script: RecoveryScript,
    args: readonly (string | number)[],
    read: (reply: unknown) => T | undefined,
  ): Promise<T | undefined> {
    const link = this.#link();
    if (link === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => link.run(script, args, read, resolve));
  }
}

export function readBeat(reply: unknown): Beat | undefined {
  if (!Array.isArray(reply) || reply.length % 2 !== 1) return undefined;
  const [isNew, ...list] = reply as unknown[];
  const agesMs = new Map<string, number>();
  for (let index = 0; index < list.length; index += 2) {
    const [owner, ageMs] = [list[index], numberIn(list[index + 1])];
    if (typeof owner !== "string" || ageMs === undefined) return undefined;
    agesMs.set(owner, ageMs);
  }
  return { isNew: isNew === 1, agesMs };
}

export function readPageOfSessions(reply: unknown): Page | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [kind, cursor, ...list] = reply as unknown[];
  if (kind === "busy") return "busy";
  if (kind !== "page" || typeof cursor !== "string" || list.length % 2 !== 0) return undefined;
  const sessions: StoredSession[] = [];
  for (let index = 0; index < list.length; index += 2) {
    const [hash, fields] = [list[index], list[index + 1]];
    if (typeof hash !== "string" || !Array.isArray(fields)) return undefined;
    // No gateway claims these sessions, so they get no new generation. The parser needs one, so pass 0.
    const session = readSession(hash, [...(fields as unknown[]), "ng", "0"]);
    if (session === undefined) return undefined;
    if (typeof session === "object") sessions.push(session);
  }
  return { cursor, sessions };
}

export function readLeave(reply: unknown): Leave | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [word, held, owner] = reply as unknown[];
  if (word === "left" || word === "none") return word;
  const generation = numberIn(held);
  if (word !== "taken" || generation === undefined || typeof owner !== "string") return undefined;
  return { generation, owner };
}

function isList(reply: unknown): true | undefined {
  return Array.isArray(reply) ? true : undefined;
}
