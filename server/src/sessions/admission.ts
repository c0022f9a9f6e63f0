import type { Socket } from "socket.io";
import { andThen } from "../and-then.ts";
import { anyone } from "../auth/anyone.ts";
import { MAX_TOKEN_BYTES, type Identity } from "../auth/identity.ts";
import type { Connection } from "../connections/connection.ts";
import type { GatewayDeps } from "../deps.ts";
import type { RateAnswer, RateLedger, RevocationLedger, SeatLedger } from "../ledger/ledger.ts";
import { isNamespace } from "../protocol/namespaces.ts";
import { isOriginAllowed } from "../protocol/origins.ts";
import { isRefusal, refuse, type Refusal } from "../protocol/refusals.ts";
import type { AppRefusal } from "../handlers/handler.ts";
import { connectHook } from "./events/connect-hook.ts";
import type { ReturningClients } from "./returning-clients.ts";
import type { Seating } from "./seating.ts";

/** A client that asks to enter a namespace. */
export interface Candidate {
  connection: Connection;
  socket: Socket;
  isDraining: () => boolean;
}

/** Why a client is not admitted. */
export type No = Refusal | AppRefusal;
export type Guard = (candidate: Candidate) => No | undefined | Promise<No | undefined>;

type Returning = Pick<ReturningClients, "isReturning" | "claim" | "formerSeatOf">;

/**
 * The guards in the order of docs/protocol.md. Cheap guards that need no identity come first. Guards that consume
 * something in the ledger come last.
 * Before these guards, the public listener refuses clients of a draining or overloaded gateway over HTTP. The
 * application is asked after the token was checked. Then a returning client claims its session, and only then it gets a
 * seat, because the seat of its last connection moves to this connection.
 */
export function admission(deps: GatewayDeps, seating: Seating, returning?: Returning): readonly Guard[] {
  const cheap = [draining, origin(deps), address(deps), ceiling(deps, returning), namespace];
  const claim: readonly Guard[] = returning === undefined ? [] : [(candidate) => returning.claim(candidate)];
  return [...cheap, token(deps), connectHook(deps), ...claim, seat(deps.ledger, seating, returning)];
}

/**
 * The first refusal of the guards, or undefined if the client is admitted. The answer is a promise only if a guard
 * returns a promise.
 */
export function admit(
  guards: readonly Guard[],
  candidate: Candidate,
  first = 0,
): No | undefined | Promise<No | undefined> {
  for (let index = first; index < guards.length; index += 1) {
    const answer = guards[index]!(candidate);
    if (answer instanceof Promise) return answer.then((refusal) => refusal ?? admit(guards, candidate, index + 1));
    if (answer !== undefined) return answer;
  }
  return undefined;
}

// A client that already has a session in one namespace is admitted to the other one too. The drain moves its connection
// later.
const draining: Guard = ({ connection, isDraining }) =>
  isDraining() && !connection.isSeated ? refuse("DRAINING") : undefined;

function origin({ live }: GatewayDeps): Guard {
  return ({ connection }) => {
    const { origin: given, host } = connection.engine.request.headers;
    return isOriginAllowed(given, live.config.origins, host) ? undefined : refuse("ORIGIN_REFUSED");
  };
}

function address({ ledger }: { ledger: RateLedger }): Guard {
  const verdict = (answer: RateAnswer): Refusal | undefined =>
    answer.allowed ? undefined : refuse("ADDRESS_LIMIT_EXCEEDED", { retryAfterMs: answer.retryAfterMs });
  return ({ connection }) => andThen((connection.addressAnswer ??= ledger.admitAddress(connection.address)), verdict);
}

function ceiling({ ledger }: { ledger: SeatLedger }, returning: Returning | undefined): Guard {
  // Whether this connection already has a seat, or waits for one, because of another namespace.
  const hasSeat = ({ seat, seating }: Connection): boolean => seat !== undefined || seating !== undefined;
  return ({ connection, socket }) => {
    // The seat of a returning client's last connection can move to this connection, even if the cluster is full.
    if (hasSeat(connection) || returning?.isReturning(socket) === true) return undefined;
    return ledger.seatLikely() ? undefined : refuse("GLOBAL_LIMIT_EXCEEDED");
  };
}

const namespace: Guard = ({ socket }) => (isNamespace(socket.nsp.name) ? undefined : refuse("UNKNOWN_NAMESPACE"));

function token({ verify, ledger, nowMs }: Pick<GatewayDeps, "verify" | "nowMs"> & { ledger: RevocationLedger }): Guard {
  const verdict = (connection: Connection, identity: Identity | Refusal): Refusal | undefined => {
    if (isRefusal(identity)) return identity;
    if (ledger.isRevoked(identity)) {
      const isPassing = ledger.isRevocationDoubtful(identity);
      return refuse("UNAUTHENTICATED", { message: "the token has been revoked", isPassing });
    }
    const { identity: known } = connection;
    if (known !== undefined && known.userId !== identity.userId)
      return refuse("FORBIDDEN", { message: "this connection belongs to another user" });
    connection.identify(identity, nowMs());
    return undefined;
  };
  return ({ connection, socket }) => {
    if (verify === undefined) {
      if (connection.identity === undefined) connection.identify(anyone(connection.engine.id), nowMs());
      return undefined;
    }
    const given = tokenOf(socket);
    if (given === undefined)
      return refuse("UNAUTHENTICATED", { message: "a token is required: pass it as auth.token" });
    if (given.length > MAX_TOKEN_BYTES)
      return refuse("UNAUTHENTICATED", { message: `the token is longer than ${MAX_TOKEN_BYTES} bytes` });
    return andThen(verify(given, nowMs()), (identity) => verdict(connection, identity));
  };
}

function seat(ledger: SeatLedger, seating: Seating, returning: Returning | undefined): Guard {
  const take = (
    connection: Connection,
    userId: string,
    former: string | undefined,
  ): Refusal | undefined | Promise<Refusal | undefined> => {
    return andThen(seating.take(connection, userId, former), (answer) => {
      if (!answer.taken) {
        const code = answer.limit === "user" ? "CONNECTION_LIMIT_EXCEEDED" : "GLOBAL_LIMIT_EXCEEDED";
        return refuse(code, { isPassing: answer.isPassing });
      }
      const wanted = { socketId: connection.engine.id, userId };
      // If the client closed the connection while the ledger decided, the close found no seat to release. So release it
      // now.
      if (connection.engine.readyState !== "open") return ledger.releaseSeat(wanted).then(() => undefined);
      connection.seat = wanted;
      return undefined;
    });
  };
  return ({ connection, socket }) => {
    if (connection.seat !== undefined || connection.identity === undefined) return undefined;
    // A connection has only one seat. If it sends two CONNECTs at the same time, both wait for the same answer.
    if (connection.seating !== undefined) return connection.seating;
    const answer = take(connection, connection.identity.userId, returning?.formerSeatOf(socket));
    if (answer instanceof Promise) return (connection.seating = answer.finally(() => (connection.seating = undefined)));
    return answer;
  };
}

/**
 * The token from `auth.token`, or from the Authorization header for clients that can send headers. A token in the query
 * string is ignored, because proxies log the query string.
 */
function tokenOf(socket: Socket): string | undefined {
  const given: unknown = socket.handshake.auth.token ?? socket.handshake.headers.authorization;
  return typeof given === "string" && given !== "" ? given.replace(/^Bearer +/i, "") : undefined;
}
