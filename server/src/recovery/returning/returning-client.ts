import type { Identity } from "../../auth/identity.ts";
import { tokenOf, type Claimer, type ClientSession } from "../client-session.ts";
import type { ClaimedSession, ClientSessions } from "../client-sessions.ts";
import type { Entry } from "../message-ring.ts";
import { missedMessages } from "./missed-messages.ts";
import { formatOffset, parseOffset, type Offset } from "../offset.ts";
import type { RecoveryLog } from "../recovery-log.ts";

/** Why a client is not recovered. docs/protocol.md explains each reason. */
export type Unrecovered = "unknown" | "too_old" | "too_much" | "unsettled";

/** How a client enters a namespace. */
export interface Arrival {
  session: ClientSession;
  isRecovered: boolean;
  /** Whether the client had a session on an earlier connection. */
  isReturning: boolean;
  lostRooms: readonly string[];
  /** Room → number of its participants, for each room that the client is in again. */
  counts: ReadonlyMap<string, number>;
  /** The client's offset when it enters. The missed messages come after it. */
  offsetText: string;
  missed: readonly Entry[];
}

export interface ReturningClientDeps {
  log: RecoveryLog;
  sessions: ClientSessions;
  /**
   * Enters a room of the session. Resolves to undefined if the client is no longer allowed to enter the room, or cannot
   * enter it. taken: another gateway has claimed the session.
   */
  enterRoom: (session: ClientSession, room: string) => Promise<{ participantCount: number } | "taken" | undefined>;
  /** Removes the client from rooms of its session, and tells the other members. */
  leaveRooms: (session: ClientSession, rooms: readonly string[], manner: "aloud" | "quietly") => void;
  isRevoked: (identity: { userId: string; tokenId?: string; issuedAtMs: number }) => boolean;
  count: (result: "recovered" | Unrecovered, replayed: number) => void;
  nowMs: () => number;
  wait: (ms: number) => Promise<void>;
}

export interface Asked {
  pid: unknown;
  offset: unknown;
  identity: Identity;
  claimer: Claimer;
}

/** A session that a returning client has claimed. */
export interface Claimed {
  session: ClientSession;
  formerSeat: string;
  offset: Offset;
}

/** A claimed session whose client is in its rooms again. It is not known yet which messages the client missed. */
export interface Restored {
  session: ClientSession;
  offset: Offset;
  lostRooms: readonly string[];
  counts: ReadonlyMap<string, number>;
}

const REACHED_WITHIN_MS = 1_000;
const ASK_EVERY_MS = 5;
const CLAIM_EVERY_MS = 20;

/**
 * Claims the session whose pid the client sends. First waits until this gateway has all messages that the client has,
 * because Redis then has all the client's rooms too. If the client does not enter in the end, the session waits for its
 * next return.
 */
export async function claimSession(deps: ReturningClientDeps, asked: Asked): Promise<Claimed | Unrecovered> {
  const { isRevoked } = deps;
  const offset = parseOffset(asked.offset);
  if (offset === undefined) return "unknown";
  await untilReached(deps, [offset]);
  const claimed = await claimConfirmed(deps, asked);
  if (typeof claimed === "string") return claimed;
  const { userId, tokenId, issuedAtMs } = claimed.session;
  if (isRevoked({ userId, issuedAtMs, ...(tokenId === undefined ? {} : { tokenId }) }))
    return ended(deps, claimed.session, "unknown");
  return { ...claimed, offset };
}

async function claimConfirmed(
  { sessions, nowMs, wait }: ReturningClientDeps,
  { pid, claimer }: Asked,
): Promise<ClaimedSession | Unrecovered> {
  const untilMs = nowMs() + REACHED_WITHIN_MS;
  for (;;) {
    const claimed = await sessions.claim(pid, claimer);
    if (claimed !== "unconfirmed") return claimed ?? "unknown";
    if (nowMs() > untilMs) return "unsettled";
    await wait(CLAIM_EVERY_MS);
  }
}

/** Enters the rooms of a claimed session. Afterwards, `settle` decides how the client enters the namespace. */
export async function restoreRooms(
  deps: ReturningClientDeps,
  { session, offset }: Claimed,
): Promise<Restored | Unrecovered> {
  const unreached = await untilReached(deps, [offset, ...offsetsOf(session)]);
  if (unreached !== undefined) return ended(deps, session, unreached);
  const came = formatOffset(offset);
  const untold = [...(session.lostRooms ?? [])].filter(([room, at]) => at === came && !session.rooms.has(room));
  const lostNow: string[] = [];
  const counts = new Map<string, number>();
  let isTaken = false;
  await Promise.all(
    [...session.rooms.keys()].map(async (room) => {
      const entered = await deps.enterRoom(session, room);
      if (entered === "taken") isTaken = true;
      else if (entered === undefined) lostNow.push(room);
      else counts.set(room, entered.participantCount);
    }),
  );
  // In the meantime, another connection has claimed the session and its rooms.
  if (isTaken || session.state === "over") {
    deps.leaveRooms(session, [...counts.keys()], "quietly");
    return "unknown";
  }
  const lostRooms = [...untold.map(([room]) => room), ...lostNow];
  session.lostRooms = lostRooms.length === 0 ? undefined : new Map(lostRooms.map((room) => [room, came]));
  if (lostNow.length > 0) {
    deps.leaveRooms(session, lostNow, "aloud");
    deps.sessions.changed(session);
  }
  return { session, offset, lostRooms, counts };
}

/** Decides how the client enters. It must be called directly before the client enters, and while recovery is on. */
export function settle(
  deps: ReturningClientDeps,
  restored: Restored | Unrecovered,
  asked: Asked,
  socketId: string,
): Arrival {
  const missed = typeof restored === "string" ? restored : missedBy(deps, restored);
  if (typeof restored !== "string" && typeof missed !== "string") {
    deps.count("recovered", missed.length);
    const { session, lostRooms, counts, offset } = restored;
    Object.assign(session, tokenOf(asked.identity));
    deps.sessions.changed(session);
    const offsetText = missed.length === 0 ? deps.log.offsetText! : formatOffset(offset);
    return { session, isRecovered: true, isReturning: true, lostRooms, counts, offsetText, missed };
  }
  if (typeof restored !== "string") ended(deps, restored.session, missed as Unrecovered);
  // A client that connects for the first time has no pid. It does not count as a failed recovery.
  if (asked.pid !== undefined) deps.count(missed as Unrecovered, 0);
  const offsetText = deps.log.offsetText!;
  const hadBefore = deps.log.ahead.unreached(asked.offset);
  const { namespace, seat } = asked.claimer;
  const client = { namespace, socketId, seat, begunAt: offsetText, hadBefore };
  const session = deps.sessions.begin(asked.identity, client);
  deps.sessions.changed(session);
  const isReturning = asked.pid !== undefined;
  return { session, isRecovered: false, isReturning, lostRooms: [], counts: new Map(), offsetText, missed: [] };
}

/** The missed messages, each with the offset that the client has after it. */
export function* replayed(
  { missed, offsetText }: Arrival,
  log: RecoveryLog,
): Generator<{ text: Buffer; offset: string }> {
  const at = parseOffset(offsetText)!;
  const over = new Map(at.over);
  for (const [index, { origin, number, text }] of missed.entries()) {
    over.set(origin, Math.max(number, over.get(origin) ?? 0));
    const isLast = index === missed.length - 1;
    yield { text: text!, offset: isLast ? log.offsetText! : formatOffset({ ...at, over }) };
  }
}

function ended(deps: ReturningClientDeps, session: ClientSession, reason: Unrecovered): Unrecovered {
  if (session.state === "over") return reason;
  deps.sessions.end(session, "replaced");
  // The client enters under a new socket id, which is in no room.
  deps.leaveRooms(session, [...session.rooms.keys()], "aloud");
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
    // In the meantime, recovery was turned off.
    if (!log.isOn) return "unsettled";
    const [first, ...entered] = offsets.map((offset) => log.delivered.reaches(offset));
    if (first === "never") return "unsettled";
    if (first === "forgotten") return "too_old";
    // The offset at which the client entered a room can belong to an era that this gateway no longer remembers. The
    // client's own offset is later, so it alone decides.
    if (first === "reached" && !entered.includes("not yet")) return undefined;
    if (nowMs() > untilMs) return "unsettled";
    await wait(ASK_EVERY_MS);
  }
}

function missedBy({ log }: ReturningClientDeps, { session, offset }: Restored): readonly Entry[] | Unrecovered {
  // While this connection waited, another one has claimed the session.
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
