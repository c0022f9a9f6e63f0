import type { Claimer, ClientSession, HeldRoom } from "../client-session.ts";
import { parseOffset } from "../offset.ts";
import { numberIn } from "./log-replies.ts";
import type { GoneEntry } from "../gone/gone-session.ts";
import type { RecoveryLink } from "./recovery-link.ts";

export interface SessionStoreOptions {
  /** The connection to Redis. Undefined while recovery is off. */
  link: () => RecoveryLink | undefined;
  owner: string;
  /** How long Redis keeps a session after its last write. */
  keepMs: () => number;
  most: () => number;
  onNews: (news: News) => void;
}

/**
 * What Redis knows about a session when this gateway writes it. taken: another gateway is the owner. left: the members
 * of its rooms were told that the client has left.
 */
export interface News {
  kind: "taken" | "left";
  hash: string;
  generation: number;
  owner: string;
}

/** A session as it was in Redis before the claim, but with the generation number of the new owner. */
export type StoredSession = Omit<ClientSession, "pid" | "state" | "awaySinceMs" | "onOver"> & {
  formerGeneration: number;
};

type Change = (string | number)[];
const MOST_AT_ONCE = 200;
const SAVED_WITHIN_MS = 1_000;
const KNOWN = 1;
const GRANTED = 2;
const NONE: ReadonlyMap<string, string> = new Map();
/**
 * Maximum number of ended users, tokens and sessions that Redis has not confirmed yet. At the maximum, the oldest are
 * forgotten.
 */
const MOST_ENDS = 10_000;

/**
 * none: the user has no such session in this namespace. unconfirmed: either the client is just being removed from its
 * rooms, or Redis has lost writes and the session's owner has not written the session again yet.
 */
export type ClaimAnswer = StoredSession | "none" | "unconfirmed";

/**
 * Sessions in Redis. Changes are written at the end of the turn of the event loop in which they happen. While Redis
 * cannot be used, they are dropped. When Redis can be used again, first all unconfirmed ends are written, and then all
 * sessions.
 */
export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #ends = new Map<string, Change>();
  #changes: Change[] = [];
  #saved: PromiseWithResolvers<boolean> | undefined;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
  }

  /** Writes all fields of the session. */
  put(session: ClientSession, what: "all" | "again" = "all"): void {
    const {
      hash,
      generation,
      userId,
      namespace,
      socketId,
      begunAt,
      tokenId = "",
      issuedAtMs,
      rooms,
      seat,
      hasLeft,
      hadBefore = "",
      lostRooms = NONE,
    } = session;
    const fields = ["u", userId, "n", namespace, "i", socketId, "o", this.#options.owner, "g", String(generation)];
    const times = ["b", begunAt, "e", seat, "j", tokenId, "a", String(issuedAtMs), "x", hasLeft ? "1" : ""];
    const before = hadBefore === "" ? [] : ["h", hadBefore];
    const held = [...rooms].flatMap(([room, one]) => [`r:${room}`, valueOf(one)]);
    const lost = [...lostRooms].flatMap(([room, offset]) => [`l:${room}`, offset]);
    void this.#change([what, hash, String(generation), ...fields, ...times, ...before, ...held, ...lost]);
  }

  /** Resolves to whether Redis has stored the session as it is now. */
  putRoom({ hash, generation }: ClientSession, room: string, held: HeldRoom): Promise<boolean> {
    return this.#change(["set", hash, String(generation), `r:${room}`, valueOf(held)]);
  }

  removeRoom({ hash, generation }: ClientSession, room: string): Promise<boolean> {
    return this.#change(["unset", hash, String(generation), `r:${room}`]);
  }

  /**
   * Ends a session. `gone`: what the application must be told. Returns false if nothing can be written because recovery
   * is off.
   */
  end({ hash, generation }: ClientSession, gone?: GoneEntry): boolean {
    const told = gone === undefined ? [] : [gone.id, gone.dueInMs, gone.text];
    return this.#end(["end", hash, String(generation), ...told]);
  }

  /** Ends all present sessions of a user or token. It does not matter which gateway they belong to. */
  endAll(kind: "user" | "token", id: string): void {
    this.#end(["endAll", `${kind}:${id}`, "0"]);
  }

  /** Writes the ends of sessions that Redis has not confirmed. Must be called when Redis can be used again. */
  repeatEnds(): void {
    for (const change of this.#ends.values()) void this.#change(change);
  }

  keep(sessions: Iterable<ClientSession>): void {
    for (const { hash, generation } of sessions) void this.#change(["keep", hash, String(generation)]);
  }

  /** Makes this gateway the owner of a session. Resolves to undefined while Redis cannot be used. */
  claim(hash: string, { userId = "", namespace, seat }: Claimer): Promise<ClaimAnswer | undefined> {
    return new Promise((resolve) => {
      const link = this.#options.link();
      if (link === undefined) return resolve(undefined);
      const args = [hash, userId, namespace, this.#options.owner, seat];
      link.run("claimSession", args, (fields) => readSession(hash, fields), resolve);
    });
  }

  /**
   * Sends the last changes over the link that was used until now, because recovery is turned off. Forgets ends of
   * sessions that Redis has not confirmed.
   */
  turnOff(link: RecoveryLink | undefined): void {
    this.#flush(link);
    this.#ends.clear();
  }

  #end(change: Change): boolean {
    if (this.#options.link() === undefined) return false;
    const [oldest] = this.#ends.keys();
    if (this.#ends.size >= MOST_ENDS && oldest !== undefined) this.#ends.delete(oldest);
    this.#ends.set(String(change[1]), change);
    void this.#change(change);
    return true;
  }

  #change(change: Change): Promise<boolean> {
    if (this.#options.link()?.isUp !== true) return Promise.resolve(false);
    if (this.#changes.push(change) === 1) setImmediate(() => this.#flush(this.#options.link()));
    this.#saved ??= Promise.withResolvers<boolean>();
    return this.#saved.promise;
  }

  /** Sends the changes of this turn of the event loop. */
  #flush(link: RecoveryLink | undefined): void {
    const { keepMs, most } = this.#options;
    const changes = this.#changes;
    const saved = this.#saved;
    this.#changes = [];
    this.#saved = undefined;
    if (saved === undefined) return;
    if (link === undefined) return saved.resolve(false);
    const timer = setTimeout(() => saved.resolve(false), SAVED_WITHIN_MS);
    for (let at = 0; at < changes.length; at += MOST_AT_ONCE) {
      const some = changes.slice(at, at + MOST_AT_ONCE);
      const isLast = at + MOST_AT_ONCE >= changes.length;
      link.run("saveSessions", [keepMs(), most(), JSON.stringify(some)], readNews, (news) => {
        if (news === undefined) saved.resolve(false);
        else this.#confirmed(some, news);
        if (!isLast) return;
        clearTimeout(timer);
        saved.resolve(true);
      });
    }
    link.flush();
  }

  #confirmed(changes: readonly Change[], news: readonly News[]): void {
    for (const change of changes) {
      const name = String(change[1]);
      if (this.#ends.get(name) === change) this.#ends.delete(name);
    }
    for (const one of news) this.#options.onNews(one);
  }
}

export function readNews(reply: unknown): readonly News[] | undefined {
  if (!Array.isArray(reply) || !reply.every((part) => typeof part === "string")) return undefined;
  const [word, ...list] = reply as readonly string[];
  if (word !== "saved" || list.length % 4 !== 0) return undefined;
  const news: News[] = [];
  for (let index = 0; index < list.length; index += 4) {
    const [kind, hash, generation, owner] = list.slice(index, index + 4);
    if (kind !== "taken" && kind !== "left") return undefined;
    news.push({ kind, hash: hash!, generation: numberIn(generation) ?? 0, owner: owner! });
  }
  return news;
}

/** Formats a room of a session: a digit, which is the sum of KNOWN and GRANTED, and then the offset. */
function valueOf({ isKnown, isGranted, offset }: HeldRoom): string {
  return `${(isKnown ? KNOWN : 0) + (isGranted ? GRANTED : 0)}${offset}`;
}

function heldIn(value: string): HeldRoom {
  const digit = Number(value[0]);
  return { isKnown: (digit & KNOWN) !== 0, isGranted: (digit & GRANTED) !== 0, offset: value.slice(1) };
}

/** Parses a session. One with missing fields counts as none, because another program could have written it. */
export function readSession(hash: string, reply: unknown): ClaimAnswer | undefined {
  if (!Array.isArray(reply) || !reply.every((field) => typeof field === "string")) return undefined;
  const fields = reply as readonly string[];
  if (fields[0] === "unconfirmed") return "unconfirmed";
  const { by, rooms, lostRooms } = partsOf(fields);
  const of = (field: string): string => by.get(field) ?? "";
  const [userId, namespace, socketId, begunAt] = [of("u"), of("n"), of("i"), of("b")];
  const [issuedAtMs, formerGeneration] = [numberIn(of("a")), numberIn(of("g"))];
  const generation = numberIn(of("ng"));
  if (userId === "" || namespace === "" || socketId === "" || parseOffset(begunAt) === undefined) return "none";
  if (issuedAtMs === undefined || formerGeneration === undefined || generation === undefined) return "none";
  return {
    ...{
      hash,
      rooms,
      lostRooms,
      tokenId: of("j") === "" ? undefined : of("j"),
      hasLeft: of("x") !== "",
      hadBefore: by.get("h"),
    },
    ...{ userId, namespace, socketId, begunAt, seat: of("e"), issuedAtMs, generation, formerGeneration },
  };
}

/** Parses a list of names and values in turn into fields, rooms and lost rooms. */
function partsOf(fields: readonly string[]): {
  by: Map<string, string>;
  rooms: Map<string, HeldRoom>;
  lostRooms: Map<string, string> | undefined;
} {
  const by = new Map<string, string>();
  const rooms = new Map<string, HeldRoom>();
  const lostRooms = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [field, value] = [fields[index]!, fields[index + 1]!];
    if (field.startsWith("r:")) rooms.set(field.slice(2), heldIn(value));
    else if (field.startsWith("l:")) lostRooms.set(field.slice(2), value);
    else by.set(field, value);
  }
  return { by, rooms, lostRooms: lostRooms.size === 0 ? undefined : lostRooms };
}
