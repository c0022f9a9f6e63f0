import type { Connection } from "./connection.ts";

type Pending = Pick<Connection, "address" | "close">;

/**
 * Connections that have not entered a namespace. Each costs as much as a full connection, so their number is limited;
 * at the limit new ones are refused.
 * To free a place, a connection that was refused before, or one of an address with many others, is closed first.
 */
export class PendingConnections {
  readonly #most: number;
  readonly #byAddress = new Map<string, Set<Pending>>();
  readonly #refused = new Set<Pending>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  of(address: string): number {
    return this.#byAddress.get(address)?.size ?? 0;
  }

  add(connection: Pending): void {
    const ofAddress = this.#byAddress.get(connection.address) ?? new Set();
    this.#byAddress.set(connection.address, ofAddress.add(connection));
    this.#size += 1;
  }

  /** Call when the connection has entered a namespace or ended. */
  delete(connection: Pending): void {
    const ofAddress = this.#byAddress.get(connection.address);
    this.#refused.delete(connection);
    if (ofAddress?.delete(connection) !== true) return;
    this.#size -= 1;
    if (ofAddress.size === 0) this.#byAddress.delete(connection.address);
  }

  /** Call when the connection's CONNECT was refused and it is still open. */
  refused(connection: Pending): void {
    if (this.#byAddress.get(connection.address)?.has(connection) === true) this.#refused.add(connection);
  }

  /** Whether this address may open one more connection. Closes another connection when that is needed. */
  makeRoom(address: string): boolean {
    if (this.#size < this.#most) return true;
    const [refused] = this.#refused;
    const gone = refused ?? this.#newestOfCrowd(this.of(address) + 1);
    if (gone === undefined) return false;
    this.delete(gone);
    gone.close("MADE_ROOM");
    return true;
  }

  /** The newest connection of the address that has the most, if it has more than `few`. The newest has waited least. */
  #newestOfCrowd(few: number): Pending | undefined {
    let crowd: ReadonlySet<Pending> | undefined;
    for (const ofAddress of this.#byAddress.values())
      if (ofAddress.size > Math.max(few, crowd?.size ?? 0)) crowd = ofAddress;
    return crowd === undefined ? undefined : [...crowd].at(-1);
  }
}
