import type { Connection } from "./connection.ts";

type Pending = Pick<Connection, "address" | "close">;

/**
 * The connections that have not entered a namespace yet. Each costs as much as an entered one, so their number is
 * bounded. When all places are taken, newcomers are refused and pending connections may finish. Two rules keep a place
 * for honest clients: a connection refused once gives way, and an address with many gives way to one with fewer.
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

  /** It has entered, or its connection has ended. */
  delete(connection: Pending): void {
    const ofAddress = this.#byAddress.get(connection.address);
    this.#refused.delete(connection);
    if (ofAddress?.delete(connection) !== true) return;
    this.#size -= 1;
    if (ofAddress.size === 0) this.#byAddress.delete(connection.address);
  }

  /** It was refused at CONNECT, and is still there. */
  refused(connection: Pending): void {
    if (this.#byAddress.get(connection.address)?.has(connection) === true) this.#refused.add(connection);
  }

  /** Whether one more may come from this address; another one is closed where that is needed. */
  makeRoom(address: string): boolean {
    if (this.#size < this.#most) return true;
    const [refused] = this.#refused;
    const gone = refused ?? this.#newestOfCrowd(this.of(address) + 1);
    if (gone === undefined) return false;
    this.delete(gone);
    gone.close("MADE_ROOM");
    return true;
  }

  /** The newest connection of the address that has the most, if that is more than `few`: it has waited least. */
  #newestOfCrowd(few: number): Pending | undefined {
    let crowd: ReadonlySet<Pending> | undefined;
    for (const ofAddress of this.#byAddress.values())
      if (ofAddress.size > Math.max(few, crowd?.size ?? 0)) crowd = ofAddress;
    return crowd === undefined ? undefined : [...crowd].at(-1);
  }
}
