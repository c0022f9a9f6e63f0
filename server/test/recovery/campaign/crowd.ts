import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { JWT_SECRET } from "../../../../testkit/gateway/gateway-settings.ts";
import { signToken } from "../../../../testkit/sign-token.ts";
import { until } from "../../../../testkit/until.ts";
import type { Publication } from "../../../../testkit/recovery/history.ts";
import { RecordingClient, type Ticks } from "../../../../testkit/recovery/recording-client.ts";
import type { Path } from "./faulty-proxy.ts";
import type { Fleet } from "./fleet.ts";
import { pick } from "../../../../testkit/random.ts";

export interface CrowdOptions {
  name: string;
  clients: number;
  rooms: number;
  ticks: Ticks;
  random: () => number;
  publications: Publication[];
}

interface Member {
  client: RecordingClient;
  user: string;
  /** A token that allows all rooms. */
  token: string;
  /** The token that the client sends when it connects. `closed` is a room that this token does not allow. */
  presented: { token: string; closed?: string };
}

const RECONNECTION_DELAY_MS = 20;
const ROOMS_OF_A_CLIENT = 3;
const SETTLE_MS = 90_000;
const MOST_TWINS = 4;
const MOVES_OF_A_HUNDRED = 3;

/** The stock clients of a campaign. They send messages, join and leave rooms, and are disconnected. */
export class Crowd {
  readonly rooms: readonly string[];
  readonly #fleet: Fleet;
  readonly #random: () => number;
  readonly #members: readonly Member[];
  #isActive = true;

  private constructor(fleet: Fleet, rooms: readonly string[], random: () => number, members: readonly Member[]) {
    this.#fleet = fleet;
    this.rooms = rooms;
    this.#random = random;
    this.#members = members;
  }

  static async gather(fleet: Fleet, options: CrowdOptions): Promise<Crowd> {
    const { name, ticks, random, publications } = options;
    const rooms = Array.from({ length: options.rooms }, (_, index) => `${name}-r${index}`);
    const join = async (index: number): Promise<Member> => {
      const user = `${name}-c${index}`;
      const token = await signToken(JWT_SECRET, { sub: user, rooms: ["*"] });
      const presented: Member["presented"] = { token };
      const own = Array.from({ length: ROOMS_OF_A_CLIENT }, (_, place) => rooms[(index + place) % rooms.length]!);
      const client = new RecordingClient({
        ...{ name: user, rooms: own, ticks, publications, presented },
        open: (auth) =>
          io(`http://127.0.0.1:${fleet.balancer.port}/messaging`, {
            ...{ transports: ["websocket"], forceNew: true, timeout: 5_000, auth },
            ...{ reconnectionDelay: RECONNECTION_DELAY_MS, reconnectionDelayMax: 10 * RECONNECTION_DELAY_MS },
          }),
      });
      return { client, user, token, presented };
    };
    const members = await Promise.all(Array.from({ length: options.clients }, (_, index) => join(index)));
    const crowd = new Crowd(fleet, rooms, random, members);
    await crowd.untilSettled();
    return crowd;
  }

  get clients(): readonly RecordingClient[] {
    return this.#members.map(({ client }) => client);
  }

  get recoveries(): number {
    return this.#members.reduce((sum, { client }) => sum + client.recoveries, 0);
  }

  async untilSettled(): Promise<void> {
    const unsettled = (): RecordingClient[] => this.clients.filter((client) => !client.isSettled());
    try {
      await until("all clients to be in their rooms", async () => unsettled().length === 0, SETTLE_MS, 10);
    } catch (error) {
      const [first] = unsettled();
      const last = JSON.stringify(first?.observations.filter(({ type }) => type !== "received").slice(-10));
      throw new Error(`${unsettled().length} clients are not; ${first?.name} last saw ${last}`, { cause: error });
    }
  }

  /**
   * Until `rest` is called: lets one random client after another send a message, and sometimes join or leave a room.
   */
  async act(everyMs: number): Promise<void> {
    while (this.#isActive) {
      const { client } = pick(this.#members, this.#random);
      if (this.#random() * 100 < MOVES_OF_A_HUNDRED) this.#moveOne(client);
      const rooms = [...client.rooms].filter((room) => client.wants(room));
      if (rooms.length > 0) void client.send(pick(rooms, this.#random));
      await sleep(everyMs);
    }
  }

  rest(): void {
    this.#isActive = false;
  }

  /** A random part of all connections: at least a few, at most all. */
  somePaths(): Path[] {
    const { paths } = this.#fleet.balancer;
    const count = 1 + Math.floor((0.2 + 0.8 * this.#random()) * (paths.size - 1));
    return this.#fleet.balancer.some(count, this.#random);
  }

  cutSome(): void {
    this.#fleet.balancer.cut(this.somePaths());
  }

  moveSome(share: number): void {
    for (const { client } of this.#members) if (this.#random() < share) this.#moveOne(client);
  }

  /** Lets some clients reconnect with a token that no longer allows one of their rooms. */
  async changeTokens(): Promise<void> {
    const chosen = this.#members.filter(({ client }) => client.rooms.size > 1 && this.#random() < 0.3);
    for (const { client, user, presented } of chosen) {
      const closed = pick([...client.rooms], this.#random);
      const open = this.rooms.filter((room) => room !== closed);
      presented.token = await signToken(JWT_SECRET, { sub: user, rooms: open });
      presented.closed = closed;
    }
    const before = new Map(chosen.map(({ client }) => [client, client.connections]));
    for (const { client } of chosen) client.cut();
    this.cutSome();
    const back = async (): Promise<boolean> =>
      chosen.every(({ client }) => client.connections > before.get(client)! && client.isSettled());
    await until("clients with other tokens to return", back, SETTLE_MS, 10);
    for (const { client, token, presented } of chosen) {
      presented.token = token;
      delete presented.closed;
      await client.refreshToken(token);
    }
  }

  /**
   * Lets some clients return on two connections at once, with the same pid. Throws unless, in the end, exactly one of
   * the two connections has the session.
   */
  async duplicatePids(): Promise<void> {
    const left = [...this.#members];
    const twins = Array.from({ length: MOST_TWINS }, () => {
      const [{ client, token }] = left.splice(Math.floor(this.#random() * left.length), 1) as [Member];
      const held = client.held();
      client.cut();
      const twin = io(`http://127.0.0.1:${this.#fleet.balancer.port}/messaging`, {
        ...{ transports: ["websocket"], forceNew: true, reconnection: false },
        auth: { token, ...held },
      });
      return { client, twin, pid: held.pid };
    });
    const owners = ({ client, twin, pid }: (typeof twins)[number]): number =>
      [client.socket, twin].filter((socket) => socket.connected && pidOf(socket) === pid).length;
    try {
      const isOne = async (): Promise<boolean> => twins.every((each) => owners(each) === 1 && each.client.isSettled());
      await until("one owner of each session", isOne, SETTLE_MS, 10);
    } finally {
      for (const { twin } of twins) twin.close();
    }
  }

  close(): void {
    this.rest();
    for (const { client } of this.#members) client.close();
  }

  /** Lets a client join or leave a random room. */
  #moveOne(client: RecordingClient): void {
    const [, ...others] = [...client.rooms];
    const next = pick(this.rooms, this.#random);
    client.want(this.#random() < 0.3 && others.length > 0 ? others : [...others, next]);
  }
}

export function pidOf(socket: object): string {
  return (socket as { _pid: string })._pid;
}
