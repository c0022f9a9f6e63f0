import type { Socket } from "socket.io";
import { anyone } from "../auth/anyone.ts";
import { MAX_TOKEN_BYTES } from "../auth/identity.ts";
import { contract } from "../contract.ts";
import { isOriginAllowed } from "../protocol/origins.ts";
import { isRefusal, refuse } from "../refusals.ts";
import type { Refusal } from "../refusals.ts";
import type { Connection } from "./connection.ts";
import type { Parts } from "./parts.ts";

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

/** The first refusal of the chain, or undefined when the client may come in. */
export async function admit(guards: readonly Guard[], candidate: Candidate): Promise<Refusal | undefined> {
  for (const guard of guards) {
    const answer = guard(candidate);
    const refusal = answer instanceof Promise ? await answer : answer;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

// Who is in already may enter a second namespace: the drain will come to that connection.
const draining: Guard = ({ connection, isDraining }) => (isDraining() && !connection.isSeated ? refuse("DRAINING") : undefined);

function origin({ live }: Parts): Guard {
  return ({ connection }) => (isOriginAllowed(connection.engine.request.headers.origin, live.config.origins) ? undefined : refuse("ORIGIN_REFUSED"));
}

function address({ ledger }: Parts): Guard {
  const ask = async (of: string): Promise<Refusal | undefined> => {
    const answer = await ledger.admitAddress(of);
    return answer.allowed ? undefined : refuse("ADDRESS_LIMIT_EXCEEDED", { retryAfterMs: answer.retryAfterMs });
  };
  return ({ connection }) => (connection.addressAnswer ??= ask(connection.address));
}

function ceiling({ ledger }: Parts): Guard {
  return ({ connection }) => (connection.seat === undefined && !ledger.seatLikely() ? refuse("GLOBAL_LIMIT_EXCEEDED") : undefined);
}

const namespaces: readonly string[] = contract.namespaces;
const namespace: Guard = ({ socket }) => (namespaces.includes(socket.nsp.name) ? undefined : refuse("UNKNOWN_NAMESPACE"));

function token({ verify, ledger, nowMs }: Parts): Guard {
  return async ({ connection, socket }) => {
    if (verify === undefined) {
      if (connection.identity === undefined) connection.identify(anyone(connection.engine.id), nowMs());
      return undefined;
    }
    const given = tokenOf(socket);
    if (given === undefined) return refuse("UNAUTHENTICATED", { message: "a token is needed: pass it as auth.token" });
    if (given.length > MAX_TOKEN_BYTES) return refuse("UNAUTHENTICATED", { message: `the token is longer than ${MAX_TOKEN_BYTES} bytes` });
    const answer = verify(given, nowMs());
    const identity = answer instanceof Promise ? await answer : answer;
    if (isRefusal(identity)) return identity;
    if (await ledger.isRevoked(identity)) return refuse("UNAUTHENTICATED", { message: "the token has been revoked" });
    const { identity: known } = connection;
    if (known !== undefined && known.userId !== identity.userId) return refuse("FORBIDDEN", { message: "this connection belongs to another user" });
    connection.identify(identity, nowMs());
    return undefined;
  };
}

function seat({ ledger }: Parts): Guard {
  const take = async (connection: Connection, userId: string): Promise<Refusal | undefined> => {
    const wanted = { socketId: connection.engine.id, userId };
    const answer = await ledger.takeSeat(wanted);
    if (!answer.taken) return refuse(answer.limit === "user" ? "CONNECTION_LIMIT_EXCEEDED" : "GLOBAL_LIMIT_EXCEEDED");
    // The client may have gone meanwhile, and its close found no seat to give back.
    if (connection.engine.readyState === "open") connection.seat = wanted;
    else await ledger.releaseSeat(wanted);
    return undefined;
  };
  return async ({ connection }) => {
    if (connection.seat !== undefined || connection.identity === undefined) return undefined;
    // Of two namespaces entered at once both wait for one answer: there is one seat, and none for who was refused it.
    connection.seating ??= take(connection, connection.identity.userId).finally(() => (connection.seating = undefined));
    return connection.seating;
  };
}

/** From auth.token, or from an Authorization header for clients that can send one; never from the query, which proxies log. */
function tokenOf(socket: Socket): string | undefined {
  const given: unknown = socket.handshake.auth.token ?? socket.handshake.headers.authorization;
  return typeof given === "string" && given !== "" ? given.replace(/^Bearer +/i, "") : undefined;
}
