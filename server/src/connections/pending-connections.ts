import type { Connection } from "./connection.ts";

type Pending = Pick<Connection, "address" | "close">;

/**
 * Connections in no namespace yet. Each costs as much as a full one, so their number is bounded; at the bound newcomers
 * are refused. A connection that was refused once, or whose address has many others, is closed first to free a place.
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

  /** The connection entered a namespace or ended. */
  delete(connection: Pending): void {
    const ofAddress = this.#byAddress.get(connection.address);
    this.#refused.delete(connection);
    if (ofAddress?.delete(connection) !== true) return;
    this.#size -= 1;
    if (ofAddress.size === 0) this.#byAddress.delete(connection.address);
  }

  /** The connection was refused at CONNECT and is still open. */
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
