import type { Socket } from "socket.io";
import { anyone } from "../auth/anyone.ts";
import { MAX_TOKEN_BYTES } from "../auth/identity.ts";
import type { Identity } from "../auth/identity.ts";
import type { RateAnswer, RateLedger, RevocationLedger, SeatLedger } from "../ledger/ledger.ts";
import { isNamespace } from "../protocol/namespaces.ts";
import { isOriginAllowed } from "../protocol/origins.ts";
import { isRefusal, refuse } from "../protocol/refusals.ts";
import type { Refusal } from "../protocol/refusals.ts";
import { andThen } from "../and-then.ts";
import type { Connection } from "../connections/connection.ts";
import type { Parts } from "../deps.ts";

/** A client that asks to enter a namespace. */
export interface Candidate {
  connection: Connection;
  socket: Socket;
  isDraining: () => boolean;
}

export type Guard = (candidate: Candidate) => Refusal | undefined | Promise<Refusal | undefined>;

/**
 * The order of docs/protocol.md: what is cheap and knows nothing of the client first, what takes something from the books last.
 * Drains and floods are answered before this, on HTTP (front-door.ts).
 */
export function admission(parts: Parts): readonly Guard[] {
  return [draining, origin(parts), address(parts), ceiling(parts), namespace, token(parts), seat(parts)];
}

/** The first refusal of the chain, or undefined when the client may come in: within the turn, where no guard has to wait. */
export function admit(
  guards: readonly Guard[],
  candidate: Candidate,
  first = 0,
): Refusal | undefined | Promise<Refusal | undefined> {
  for (let index = first; index < guards.length; index += 1) {
    const answer = guards[index]!(candidate);
    if (answer instanceof Promise) return answer.then((refusal) => refusal ?? admit(guards, candidate, index + 1));
    if (answer !== undefined) return answer;
  }
  return undefined;
}

// Who is in already may enter a second namespace: the drain will come to that connection.
const draining: Guard = ({ connection, isDraining }) =>
  isDraining() && !connection.isSeated ? refuse("DRAINING") : undefined;

function origin({ live }: Parts): Guard {
  return ({ connection }) =>
    isOriginAllowed(connection.engine.request.headers.origin, live.config.origins)
      ? undefined
      : refuse("ORIGIN_REFUSED");
}

function address({ ledger }: { ledger: RateLedger }): Guard {
  const verdict = (answer: RateAnswer): Refusal | undefined =>
    answer.allowed ? undefined : refuse("ADDRESS_LIMIT_EXCEEDED", { retryAfterMs: answer.retryAfterMs });
  return ({ connection }) => andThen((connection.addressAnswer ??= ledger.admitAddress(connection.address)), verdict);
}

function ceiling({ ledger }: { ledger: SeatLedger }): Guard {
  // The last free seat may be the one this connection is about to get, for another namespace.
  const hasSeat = ({ seat, seating }: Connection): boolean => seat !== undefined || seating !== undefined;
  return ({ connection }) => (hasSeat(connection) || ledger.seatLikely() ? undefined : refuse("GLOBAL_LIMIT_EXCEEDED"));
}

const namespace: Guard = ({ socket }) => (isNamespace(socket.nsp.name) ? undefined : refuse("UNKNOWN_NAMESPACE"));

function token({ verify, ledger, nowMs }: Pick<Parts, "verify" | "nowMs"> & { ledger: RevocationLedger }): Guard {
  const verdict = (connection: Connection, identity: Identity | Refusal): Refusal | undefined => {
    if (isRefusal(identity)) return identity;
    if (ledger.isRevoked(identity)) return refuse("UNAUTHENTICATED", { message: "the token has been revoked" });
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
    if (given === undefined) return refuse("UNAUTHENTICATED", { message: "a token is needed: pass it as auth.token" });
    if (given.length > MAX_TOKEN_BYTES)
      return refuse("UNAUTHENTICATED", { message: `the token is longer than ${MAX_TOKEN_BYTES} bytes` });
    return andThen(verify(given, nowMs()), (identity) => verdict(connection, identity));
  };
}

function seat({ ledger }: { ledger: SeatLedger }): Guard {
  const take = (connection: Connection, userId: string): Refusal | undefined | Promise<Refusal | undefined> => {
    const wanted = { socketId: connection.engine.id, userId };
    return andThen(ledger.takeSeat(wanted), (answer) => {
      if (!answer.taken) return refuse(answer.limit === "user" ? "CONNECTION_LIMIT_EXCEEDED" : "GLOBAL_LIMIT_EXCEEDED");
      // The client may have gone meanwhile, and its close found no seat to give back.
      if (connection.engine.readyState !== "open") return ledger.releaseSeat(wanted).then(() => undefined);
      connection.seat = wanted;
      return undefined;
    });
  };
  return ({ connection }) => {
    if (connection.seat !== undefined || connection.identity === undefined) return undefined;
    // Of two namespaces entered at once both wait for one answer: there is one seat, and none for who was refused it.
    if (connection.seating !== undefined) return connection.seating;
    const answer = take(connection, connection.identity.userId);
    if (answer instanceof Promise) return (connection.seating = answer.finally(() => (connection.seating = undefined)));
    return answer;
  };
}

/** From auth.token, or from an Authorization header for clients that can send one; never from the query, which proxies log. */
function tokenOf(socket: Socket): string | undefined {
  const given: unknown = socket.handshake.auth.token ?? socket.handshake.headers.authorization;
  return typeof given === "string" && given !== "" ? given.replace(/^Bearer +/i, "") : undefined;
}
