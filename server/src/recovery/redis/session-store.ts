import type { Claimer, ClientSession, HeldRoom } from "../client-session.ts";
import { parseOffset } from "../offset.ts";
import { numberIn } from "./log-replies.ts";
import type { RecoveryLink } from "./recovery-link.ts";

export interface SessionStoreOptions {
  link: RecoveryLink;
  owner: string;
  /** How long a session lives that nobody keeps. */
  keepMs: () => number;
  most: () => number;
}

/** A session as Redis had it before the claim, except for the generation, which is the claimer's. */
export type StoredSession = Omit<ClientSession, "pid" | "state" | "awaySinceMs" | "onOver">;

type Change = (string | number)[];
const MOST_AT_ONCE = 200;

/**
 * Sessions in Redis. Changes are written at the end of the turn in which they happen. While Redis is away they are
 * dropped: all sessions are written again when Redis is back.
 */
export class SessionStore {
  readonly #options: SessionStoreOptions;
  #changes: Change[] = [];

  constructor(options: SessionStoreOptions) {
    this.#options = options;
  }

  /** Writes the whole session. */
  put(session: ClientSession): void {
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
    } = session;
    const fields = ["u", userId, "n", namespace, "i", socketId, "o", this.#options.owner, "g", String(generation)];
    const times = ["b", begunAt, "e", seat, "j", tokenId, "a", String(issuedAtMs), "x", hasLeft ? "1" : ""];
    const before = hadBefore === "" ? [] : ["h", hadBefore];
    const held = [...rooms].flatMap(([room, one]) => [`r:${room}`, valueOf(one)]);
    this.#change(["all", hash, String(generation), ...fields, ...times, ...before, ...held]);
  }

  putRoom({ hash, generation }: ClientSession, room: string, held: HeldRoom): void {
    this.#change(["set", hash, String(generation), `r:${room}`, valueOf(held)]);
  }

  removeRoom({ hash, generation }: ClientSession, room: string): void {
    this.#change(["unset", hash, String(generation), `r:${room}`]);
  }

  end({ hash, generation }: ClientSession): void {
    this.#change(["end", hash, String(generation)]);
  }

  keep(sessions: Iterable<ClientSession>): void {
    for (const { hash, generation } of sessions) this.#change(["keep", hash, String(generation)]);
  }

  /** Makes this gateway the owner. undefined: Redis is away. none: the user has no such session in this namespace. */
  claim(hash: string, { userId = "", namespace, seat }: Claimer): Promise<StoredSession | "none" | undefined> {
    return new Promise((resolve) => {
      const { link, owner } = this.#options;
      const args = [hash, userId, namespace, owner, seat];
      link.run("claimSession", args, (fields) => readSession(hash, fields), resolve);
    });
  }

  #change(change: Change): void {
    if (!this.#options.link.isUp) return;
    if (this.#changes.push(change) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const { link, keepMs, most } = this.#options;
    const changes = this.#changes;
    this.#changes = [];
    for (let at = 0; at < changes.length; at += MOST_AT_ONCE) {
      const some = JSON.stringify(changes.slice(at, at + MOST_AT_ONCE));
      link.run(
        "saveSessions",
        [keepMs(), most(), some],
        (reply) => reply,
        () => undefined,
      );
    }
    link.flush();
  }
}

function valueOf({ isKnown, offset }: HeldRoom): string {
  return `${isKnown ? 1 : 0}${offset}`;
}

/** A session that lacks a part is none: Redis holds it, and this release has not written it. */
export function readSession(hash: string, reply: unknown): StoredSession | "none" | undefined {
  if (!Array.isArray(reply) || !reply.every((field) => typeof field === "string")) return undefined;
  const fields = reply as readonly string[];
  const by = new Map<string, string>();
  const rooms = new Map<string, HeldRoom>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [field, value] = [fields[index]!, fields[index + 1]!];
    if (!field.startsWith("r:")) by.set(field, value);
    else rooms.set(field.slice(2), { isKnown: value.startsWith("1"), offset: value.slice(1) });
  }
  const of = (field: string): string => by.get(field) ?? "";
  const [userId, namespace, socketId, begunAt] = [of("u"), of("n"), of("i"), of("b")];
  const [issuedAtMs, generation] = [numberIn(of("a")), numberIn(of("g"))];
  if (userId === "" || namespace === "" || socketId === "" || parseOffset(begunAt) === undefined) return "none";
  if (issuedAtMs === undefined || generation === undefined) return "none";
  return {
    ...{ hash, rooms, tokenId: of("j") === "" ? undefined : of("j"), hasLeft: of("x") !== "", hadBefore: by.get("h") },
    ...{ userId, namespace, socketId, begunAt, seat: of("e"), issuedAtMs, generation: generation + 1 },
  };
}
