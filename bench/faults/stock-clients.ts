import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { realtime } from "../../client/src/realtime.ts";
import { signToken } from "../../testkit/sign-token.ts";

/**
 * A process with many stock clients: `node stock-clients.ts SETTINGS`. On a request over the IPC channel, it reports
 * what the clients received. The clients have the default options, except that they use only WebSocket: the servers
 * accept nothing else.
 */
export interface CrowdSettings {
  port: number;
  namespace: string;
  secret: string;
  /** This process has the clients with the numbers `from` to `to - 1`. */
  from: number;
  to: number;
  room: string;
  /**
   * How a client reacts to server:draining. stock: it ignores the event. heeding: it opens its next connection within
   * the announced time, and then closes the old one. package: a client of the client package, which does the same and
   * takes its session along.
   */
  manner: "stock" | "heeding" | "package";
}

export type CrowdReply = { at: "open" } | { at: "connected"; count: number } | { at: "report"; clients: Seen[] };

/** What one client received. All processes measure times from the same zero: the Unix epoch in milliseconds. */
export interface Seen {
  /** For each lost connection, the time at which the client was in its room again. */
  backAtMs: number[];
  /** The sequence numbers of the messages that the client received. */
  received: number[];
}

const AT_ONCE = 20;
const settings = JSON.parse(process.argv[2]!) as CrowdSettings;
const reply = (message: CrowdReply): void => void process.send!(message);
const nowMs = (): number => performance.timeOrigin + performance.now();

interface CrowdClient extends Seen {
  readonly isIn: boolean;
  readonly isConnected: boolean;
}

class StockClient implements CrowdClient {
  readonly backAtMs: number[] = [];
  readonly received: number[] = [];
  readonly #token: string;
  #socket: Socket;
  #joins = 0;

  constructor(token: string) {
    this.#token = token;
    this.#socket = this.#open(() => undefined);
  }

  get isIn(): boolean {
    return this.#joins > 0;
  }

  get isConnected(): boolean {
    return this.#socket.connected;
  }

  #open(onIn: () => void): Socket {
    const { port, namespace, room, manner } = settings;
    const socket = io(`http://127.0.0.1:${port}${namespace}`, {
      transports: ["websocket"],
      forceNew: true,
      auth: { token: this.#token, movesItself: manner === "heeding" },
    });
    const [event, payload] = namespace === "/" ? ["enter", { room }] : ["subscribe:case", { caseId: room }];
    socket.on("connect", () => {
      if (this.#joins > 0) this.backAtMs.push(nowMs());
      socket.emit(event, payload, () => {
        this.#joins += 1;
        onIn();
      });
    });
    socket.on("m", (number: number) => void this.received.push(number));
    if (manner === "heeding")
      socket.once(
        "server:draining",
        ({ reconnectWithinMs }: { reconnectWithinMs: number }) => void this.#moveWithin(reconnectWithinMs),
      );
    return socket;
  }

  async #moveWithin(reconnectWithinMs: number): Promise<void> {
    await sleep(Math.random() * reconnectWithinMs);
    const old = this.#socket;
    if (!old.connected) return;
    this.#socket = this.#open(() => void old.disconnect());
  }
}

class PackageClient implements CrowdClient {
  readonly backAtMs: number[] = [];
  readonly received: number[] = [];
  readonly #client: ReturnType<typeof realtime>;
  readonly #room: ReturnType<ReturnType<typeof realtime>["case"]>;

  constructor(token: string) {
    const { port, namespace, room } = settings;
    this.#client = realtime(`http://127.0.0.1:${port}`, {
      token: () => Promise.resolve(token),
      namespace: namespace as "/messaging",
      socketOptions: { forceNew: true },
    });
    this.#room = this.#client.case(room);
    this.#client.socket.on("connected", () => {
      if (this.isIn) this.backAtMs.push(nowMs());
    });
    this.#client.on("m", (number) => void this.received.push(number as number));
    this.#client.connect();
  }

  get isIn(): boolean {
    return this.#room.membership.isMember;
  }

  get isConnected(): boolean {
    return this.#client.socket.connected;
  }
}

const Client = settings.manner === "package" ? PackageClient : StockClient;
const clients: CrowdClient[] = [];
let next = settings.from;
async function openSome(): Promise<void> {
  while (next < settings.to) {
    const client = new Client(await signToken(settings.secret, { sub: `user-${next++}`, rooms: ["*"] }));
    clients.push(client);
    while (!client.isIn) await sleep(5);
  }
}

process.on("message", (command: "count" | "report") => {
  if (command === "count") reply({ at: "connected", count: clients.filter(({ isConnected }) => isConnected).length });
  else reply({ at: "report", clients: clients.map(({ backAtMs, received }) => ({ backAtMs, received })) });
});
process.on("disconnect", () => process.exit(0));
await Promise.all(Array.from({ length: AT_ONCE }, openSome));
reply({ at: "open" });
