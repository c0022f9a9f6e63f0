import type { Socket } from "socket.io-client";
import { refusalIn } from "./refusal.ts";
import type { RoomKind } from "./room.ts";

const LEAVE_TIMEOUT_MS = 10_000;

/**
 * The rooms that the client has left, until the gateway answers. If the connection ends before the answer, the gateway
 * may not have got the request, and a client that is recovered is still in the room. It then leaves the room again.
 */
export class PendingLeaves {
  readonly #kinds = new Map<string, RoomKind>();

  /** Leaves the room, now or when the client is connected again. */
  leave(socket: Socket, name: string, kind: RoomKind): void {
    this.#kinds.set(name, kind);
    void this.#ask(socket, name, kind);
  }

  /** Call when the client was recovered on a new connection. `isMember`: whether the client is in the room again. */
  recovered(socket: Socket, isMember: (name: string) => boolean): void {
    for (const [name, kind] of [...this.#kinds]) {
      if (isMember(name)) this.#kinds.delete(name);
      else void this.#ask(socket, name, kind);
    }
  }

  /** Call when the client has a new session, which is in no room. */
  clear(): void {
    this.#kinds.clear();
  }

  async #ask(socket: Socket, name: string, kind: RoomKind): Promise<void> {
    if (!socket.connected) return;
    try {
      const answer = (await socket.timeout(LEAVE_TIMEOUT_MS).emitWithAck(...kind.leave)) as Record<string, unknown>;
      if (refusalIn(answer)?.code === "RATE_LIMIT_EXCEEDED") return;
    } catch {
      return;
    }
    if (this.#kinds.get(name) === kind) this.#kinds.delete(name);
  }
}
