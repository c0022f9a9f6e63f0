import type { Identity } from "../auth/identity.ts";
import type { ClientSession } from "./client-session.ts";
import type { ClientSessions } from "./client-sessions.ts";
import type { GatewayLog } from "./gateway-log.ts";
import type { Entry } from "./message-ring.ts";
import { missedMessages, replayOffset } from "./missed-messages.ts";
import { formatOffset, parseOffset } from "./offset.ts";
import type { Offset } from "./offset.ts";

/** Why a client is not recovered. */
export type Unrecovered = "unknown" | "too_old" | "too_much" | "unsettled";

/** How a client enters a namespace. */
export interface Arrival {
  session: ClientSession;
  isRecovered: boolean;
  lostRooms: readonly string[];
  /** Of the rooms it is in again. */
  counts: ReadonlyMap<string, number>;
  /** What it has when it enters, and what it gets then. */
  offsetText: string;
  missed: readonly Entry[];
}

export interface ReturningClientDeps {
  log: GatewayLog;
  sessions: ClientSessions;
  /** Undefined where the room cannot be entered any more. */
  enterRoom: (session: ClientSession, room: string) => Promise<{ participantCount: number } | undefined>;
  isRevoked: (identity: { userId: string; tokenId?: string; issuedAtMs: number }) => boolean;
  count: (result: "recovered" | Unrecovered, replayed: number) => void;
  nowMs: () => number;
  wait: (ms: number) => Promise<void>;
}

export interface Asked {
  pid: unknown;
  offset: unknown;
  identity: Identity;
  namespace: string;
}

/** A session that was claimed, before it is known what it missed. */
interface Claimed {
  session: ClientSession;
  offset: Offset;
  lostRooms: readonly string[];
  counts: ReadonlyMap<string, number>;
}

const REACHED_WITHIN_MS = 1_000;
const ASK_EVERY_MS = 5;

/** Looks for the session that a client asks for: what becomes of it is decided by `settle`, in the turn in which the client enters. */
export async function claimSession(deps: ReturningClientDeps, asked: Asked): Promise<Claimed | Unrecovered> {
  const { sessions, isRevoked } = deps;
  const offset = parseOffset(asked.offset);
  if (offset === undefined) return "unknown";
  const session = await sessions.claim(asked.pid, asked.identity.userId, asked.namespace);
  if (session === undefined) return "unknown";
  const { userId, tokenId, issuedAtMs } = session;
  if (isRevoked({ userId, issuedAtMs, ...(tokenId === undefined ? {} : { tokenId }) }))
    return ended(deps, session, "unknown");
  const unreached = await untilReached(deps, [offset, ...offsetsOf(session)]);
  if (unreached !== undefined) return ended(deps, session, unreached);
  const lostRooms: string[] = [];
  const counts = new Map<string, number>();
  await Promise.all(
    [...session.rooms.keys()].map(async (room) => {
      const entered = await deps.enterRoom(session, room);
      if (entered === undefined) lostRooms.push(room);
      else counts.set(room, entered.participantCount);
    }),
  );
  for (const room of lostRooms) sessions.left(session, room);
  return { session, offset, lostRooms, counts };
}

/** How the client enters, now. */
export function settle(
  deps: ReturningClientDeps,
  claimed: Claimed | Unrecovered,
  asked: Asked,
  socketId: string,
): Arrival {
  const missed = typeof claimed === "string" ? claimed : missedBy(deps, claimed);
  if (typeof claimed !== "string" && typeof missed !== "string") {
    deps.count("recovered", missed.length);
    deps.sessions.changed(claimed.session);
    const { session, lostRooms, counts, offset } = claimed;
    const offsetText = missed.length === 0 ? deps.log.offsetText : formatOffset(offset);
    return { session, isRecovered: true, lostRooms, counts, offsetText, missed };
  }
  if (typeof claimed !== "string") deps.sessions.end(claimed.session);
  // A client that comes for the first time asks for nothing.
  if (asked.pid !== undefined) deps.count(missed as Unrecovered, 0);
  const offsetText = deps.log.offsetText;
  const hadBefore = deps.log.ahead.unreached(asked.offset);
  const session = deps.sessions.begin(asked.identity, {
    ...{ namespace: asked.namespace, socketId, begunAt: offsetText, hadBefore },
  });
  deps.sessions.changed(session);
  return { session, isRecovered: false, lostRooms: [], counts: new Map(), offsetText, missed: [] };
}

/** For each missed message the offset that it ends with: what the client has when it has got so far. */
export function* replayed(
  { missed, offsetText }: Arrival,
  log: GatewayLog,
): Generator<{ text: Buffer; offset: string }> {
  let at = parseOffset(offsetText)!;
  for (const [index, entry] of missed.entries()) {
    at = replayOffset(at, entry);
    const isLast = index === missed.length - 1;
    yield { text: entry.text!, offset: isLast ? log.offsetText : formatOffset(at) };
  }
}

function ended(deps: ReturningClientDeps, session: ClientSession, reason: Unrecovered): Unrecovered {
  deps.sessions.end(session);
  return reason;
}

function offsetsOf({ begunAt, rooms }: ClientSession): Offset[] {
  return [begunAt, ...[...rooms.values()].map(({ offset }) => offset)].flatMap((text) => parseOffset(text) ?? []);
}

async function untilReached(
  { log, nowMs, wait }: ReturningClientDeps,
  offsets: readonly Offset[],
): Promise<Unrecovered | undefined> {
  const untilMs = nowMs() + REACHED_WITHIN_MS;
  for (;;) {
    const [first, ...entered] = offsets.map((offset) => log.delivered.reaches(offset));
    if (first === "never") return "unsettled";
    if (first === "forgotten") return "too_old";
    // An entry of long ago may be of an era that nobody knows: then the client's own offset is later.
    if (first === "reached" && !entered.includes("not yet")) return undefined;
    if (nowMs() > untilMs) return "unsettled";
    await wait(ASK_EVERY_MS);
  }
}

function missedBy({ log }: ReturningClientDeps, { session, offset }: Claimed): readonly Entry[] | Unrecovered {
  // Another connection has taken it while this one waited.
  if (session.state === "over") return "unknown";
  const begunAt = parseOffset(session.begunAt);
  const rooms = new Map<string, Offset | undefined>([
    ["", begunAt],
    [session.socketId, begunAt],
  ]);
  for (const [room, held] of session.rooms) rooms.set(room, parseOffset(held.offset));
  const missed = missedMessages(log.delivered, offset, { namespace: session.namespace, rooms });
  if ("reason" in missed) return missed.reason;
  const had = parseOffset(session.hadBefore);
  return had === undefined ? missed.entries : missed.entries.filter((entry) => !log.delivered.covers(had, entry));
}
