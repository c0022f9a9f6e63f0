import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { signToken } from "../../testkit/sign-token.ts";

/*
 * A process of stock clients: `node stock-clients.ts SETTINGS`. It reports on request over the IPC channel. Of the
 * clients' default options only the transport is changed, because the servers have no other transport.
 */
export interface CrowdSettings {
  port: number;
  namespace: string;
  secret: string;
  /** Index of the first client, and the index after that of the last one. */
  from: number;
  to: number;
  room: string;
  /**
   * heeding: the client reacts to server:draining. It opens its next connection within the announced time, and then
   * leaves the old one.
   */
  manner: "stock" | "heeding";
}

export type CrowdReply = { at: "open" } | { at: "connected"; count: number } | { at: "report"; clients: Seen[] };

/** What one client saw. Times are relative to performance.timeOrigin, a clock that all processes share. */
export interface Seen {
  /** Times at which the client was in its room again, one per lost connection. */
  backAtMs: number[];
  /** Numbers of the messages that the client received. */
  received: number[];
}

const AT_ONCE = 20;
const settings = JSON.parse(process.argv[2]!) as CrowdSettings;
const reply = (message: CrowdReply): void => void process.send!(message);
const nowMs = (): number => performance.timeOrigin + performance.now();

class StockClient implements Seen {
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
      auth: { token: this.#token },
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

const clients: StockClient[] = [];
let next = settings.from;
async function openSome(): Promise<void> {
  while (next < settings.to) {
    const client = new StockClient(await signToken(settings.secret, { sub: `user-${next++}`, rooms: ["*"] }));
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
