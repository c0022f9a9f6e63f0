import type { Connection } from "./connection.ts";

type Pending = Pick<Connection, "address" | "close">;

/**
 * Connections that have not entered a namespace yet. Each costs as much as a full connection, so their number is
 * limited. At the limit, a new connection is refused unless another one can be closed for it: one whose CONNECT was
 * refused, or one of an IP address with many pending connections.
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

  /** Removes a connection that has entered a namespace or has ended. */
  delete(connection: Pending): void {
    const ofAddress = this.#byAddress.get(connection.address);
    this.#refused.delete(connection);
    if (ofAddress?.delete(connection) !== true) return;
    this.#size -= 1;
    if (ofAddress.size === 0) this.#byAddress.delete(connection.address);
  }

  /** Notes that the connection's CONNECT was refused. Must be called only while the connection is open. */
  refused(connection: Pending): void {
    if (this.#byAddress.get(connection.address)?.has(connection) === true) this.#refused.add(connection);
  }

  /**
   * Whether one more connection from this IP address can be accepted. At the limit, closes another pending connection
   * for it.
   */
  makeRoom(address: string): boolean {
    if (this.#size < this.#most) return true;
    const [refused] = this.#refused;
    const gone = refused ?? this.#newestOfCrowd(this.of(address) + 1);
    if (gone === undefined) return false;
    this.delete(gone);
    gone.close("MADE_ROOM");
    return true;
  }

  /**
   * The newest connection of the IP address that has the most pending connections, if it has more than `few`. The
   * newest has waited for the shortest time.
   */
  #newestOfCrowd(few: number): Pending | undefined {
    let crowd: ReadonlySet<Pending> | undefined;
    for (const ofAddress of this.#byAddress.values())
      if (ofAddress.size > Math.max(few, crowd?.size ?? 0)) crowd = ofAddress;
    return crowd === undefined ? undefined : [...crowd].at(-1);
  }
}
