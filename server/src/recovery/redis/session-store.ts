import type { ClientSession, HeldRoom } from "../client-session.ts";
import type { RecoveryLink } from "./recovery-link.ts";

export interface SessionStoreOptions {
  link: RecoveryLink;
  owner: string;
  /** How long a session lives that nobody keeps. */
  keepMs: () => number;
  most: () => number;
}

/** A session as Redis has it, after its generation was raised for its new owner. */
export type StoredSession = Omit<ClientSession, "pid" | "state" | "awaySinceMs" | "onTaken">;

type Change = (string | number)[];
const MOST_AT_ONCE = 200;

/** Sessions in Redis. Changes are written in the turn in which they happen; while Redis is away they are dropped, and all are written after. */
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
      hasLeft,
    } = session;
    const fields = ["u", userId, "n", namespace, "i", socketId, "o", this.#options.owner, "g", String(generation)];
    const times = ["b", begunAt, "j", tokenId, "a", String(issuedAtMs), "x", hasLeft ? "1" : ""];
    const held = [...rooms].flatMap(([room, one]) => [`r:${room}`, valueOf(one)]);
    this.#change(["all", hash, String(generation), ...fields, ...times, ...held]);
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

  /** Makes this gateway the owner. undefined: Redis is away. none: there is no such session of this user here. */
  claim(hash: string, userId: string, namespace: string): Promise<StoredSession | "none" | undefined> {
    return new Promise((resolve) => {
      const { link, owner } = this.#options;
      link.run<string[]>("claimSession", [hash, userId, namespace, owner], (fields) => {
        if (fields === undefined) resolve(undefined);
        else resolve(fields.length === 0 ? "none" : sessionOf(hash, fields));
      });
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
      link.run("saveSessions", [keepMs(), most(), some], () => undefined);
    }
    link.flush();
  }
}

function valueOf({ isKnown, offset }: HeldRoom): string {
  return `${isKnown ? 1 : 0}${offset}`;
}

function sessionOf(hash: string, fields: readonly string[]): StoredSession {
  const by = new Map<string, string>();
  const rooms = new Map<string, HeldRoom>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [field, value] = [fields[index]!, fields[index + 1]!];
    if (!field.startsWith("r:")) by.set(field, value);
    else rooms.set(field.slice(2), { isKnown: value.startsWith("1"), offset: value.slice(1) });
  }
  const of = (field: string): string => by.get(field) ?? "";
  const tokenId = of("j") === "" ? undefined : of("j");
  return {
    ...{ hash, rooms, tokenId, hasLeft: of("x") === "1" },
    ...{ userId: of("u"), namespace: of("n"), socketId: of("i"), begunAt: of("b") },
    ...{ issuedAtMs: Number(of("a")), generation: Number(of("g")) + 1 },
  };
}
