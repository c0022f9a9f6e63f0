import { PacketType, type Packet } from "socket.io-parser";
import { PacketReader } from "./packet-reader.ts";
import { shown } from "./shown.ts";
import type { ClientSession, SeenConnection, SeenEvent, Traffic } from "./traffic.ts";

interface Waiting {
  entry: SeenEvent;
  event: string;
  room: string | undefined;
  startMs: number;
}

export interface ClientConnectionOptions {
  traffic: Traffic;
  gateway: string;
  transport: "websocket" | "polling";
  sinceMs: number;
}

const WAITING_ACKS = 1_000;
const OFFSET = /^(?:-|[\da-z]+\.[\da-z]+(?:\.[\da-z]+\.[\da-z]+)*)$/;

/** Adds a new connection to the traffic. */
export function openConnection(
  traffic: Traffic,
  gateway: string,
  transport: ClientConnectionOptions["transport"],
): ClientConnection {
  const connection = new ClientConnection({ traffic, gateway, transport, sinceMs: traffic.nowMs() });
  traffic.connections.add(connection);
  traffic.version += 1;
  return connection;
}

/** One connection of a client, as far as its packets show it. */
export class ClientConnection implements SeenConnection {
  readonly gateway: string;
  readonly sinceMs: number;
  transport: "websocket" | "polling";
  sid = "";
  lastMs: number;
  readonly sessions = new Map<string, ClientSession>();
  readonly fromClient: PacketReader;
  readonly fromGateway: PacketReader;
  readonly #traffic: Traffic;
  /** Namespaces in which the client has asked for its earlier session. */
  readonly #returning = new Set<string>();
  /** Events of the client that wait for their ack. */
  readonly #waiting = new Map<string, Waiting>();
  #hadSession = false;

  constructor({ traffic, gateway, transport, sinceMs }: ClientConnectionOptions) {
    this.#traffic = traffic;
    this.gateway = gateway;
    this.transport = transport;
    this.sinceMs = sinceMs;
    this.lastMs = sinceMs;
    this.fromClient = new PacketReader({
      onClose: () => this.close(),
      onUpgrade: () => (this.transport = "websocket"),
      onPacket: (packet) => this.#received(packet),
    });
    this.fromGateway = new PacketReader({
      onOpen: (sid) => (this.sid = sid),
      onClose: () => this.close(),
      onPacket: (packet) => this.#sent(packet),
    });
  }

  close(): void {
    if (!this.#traffic.connections.delete(this)) return;
    this.#traffic.version += 1;
    if (this.#hadSession) this.#traffic.ended += 1;
  }

  /** The gateway has refused the handshake over HTTP. */
  refused(status: number, body: string): void {
    const code = /"code":\s*"([A-Z_]+)"/.exec(body)?.[1] ?? `HTTP ${status}`;
    const message = /"(?:message|error)":\s*"([^"]*)"/.exec(body)?.[1] ?? "";
    this.#traffic.refused({ code, message, user: "", gateway: this.gateway, at: "handshake" });
    this.close();
  }

  #received({ type, nsp, data, id }: Packet): void {
    if (type === PacketType.CONNECT && hasField(data, "pid")) this.#returning.add(nsp);
    if (type === PacketType.DISCONNECT) this.sessions.delete(nsp);
    if (type !== PacketType.EVENT && type !== PacketType.BINARY_EVENT) return;
    const [event, ...values] = data as [string, ...unknown[]];
    const entry = this.#traffic.received({ ...this.#place(nsp), event, data: valuesShown(values) });
    if (id === undefined) return;
    const { nowMs } = this.#traffic;
    this.#waiting.set(`${nsp}#${id}`, { entry, event, room: roomIn(values[0]), startMs: nowMs() });
    if (this.#waiting.size > WAITING_ACKS) this.#waiting.delete(this.#waiting.keys().next().value!);
  }

  #sent({ type, nsp, data, id }: Packet): void {
    switch (type) {
      case PacketType.CONNECT:
        this.#hadSession = true;
        this.sessions.set(nsp, { socketId: textIn(data, "sid"), user: "", recovered: false });
        break;
      case PacketType.CONNECT_ERROR:
        this.#refusedAt("connect", nsp, field(data, "data") ?? data);
        break;
      case PacketType.DISCONNECT:
        this.sessions.delete(nsp);
        break;
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        this.#acked(nsp, id, (data as unknown[])[0]);
        break;
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT:
        this.#sentEvent(nsp, data as [string, ...unknown[]]);
        break;
    }
    this.#traffic.version += 1;
  }

  #sentEvent(nsp: string, [event, ...values]: [string, ...unknown[]]): void {
    // With recovery, the last argument is the offset. The application never sees it.
    const last = values.at(-1);
    const own = typeof last === "string" && OFFSET.test(last) ? values.slice(0, -1) : values;
    if (event === "connected") this.#connected(nsp, own[0]);
    if (event === "error") this.#refusedAt(textIn(own[0], "event") || "event", nsp, own[0]);
    this.#traffic.sent({ ...this.#place(nsp), event, data: valuesShown(own) });
  }

  #connected(nsp: string, payload: unknown): void {
    const session = this.sessions.get(nsp);
    if (session === undefined) return;
    session.user = textIn(payload, "userId");
    session.recovered = field(payload, "recovered") === true;
    const rooms = this.#traffic.roomsOf(session.socketId);
    const lostRooms = field(payload, "lostRooms");
    if (Array.isArray(lostRooms)) for (const room of lostRooms) rooms.delete(String(room));
    if (session.recovered) {
      this.#traffic.recovered += 1;
      this.#traffic.replayed += Number(field(payload, "missed") ?? 0);
    } else if (this.#returning.has(nsp)) this.#traffic.lost += 1;
  }

  #acked(nsp: string, id: number | undefined, answer: unknown): void {
    const waiting = this.#waiting.get(`${nsp}#${id}`);
    this.#waiting.delete(`${nsp}#${id}`);
    if (waiting === undefined) return;
    const { entry, event, room, startMs } = waiting;
    Object.assign(entry, { ack: shown(answer), milliseconds: this.#traffic.nowMs() - startMs });
    const session = this.sessions.get(nsp);
    if (room === undefined || session === undefined || hasField(answer, "code")) return;
    const rooms = this.#traffic.roomsOf(session.socketId);
    if (event === "join_room" || event === "subscribe:case") rooms.add(room);
    if (event === "leave_room" || event === "unsubscribe:case") rooms.delete(room);
  }

  #refusedAt(at: string, nsp: string, refusal: unknown): void {
    const code = textIn(refusal, "code");
    const message = shown(field(refusal, "message") ?? "").slice(1, -1);
    this.#traffic.refused({ code, message, at, user: this.#place(nsp).user, gateway: this.gateway });
  }

  #place(namespace: string): { gateway: string; namespace: string; user: string } {
    return { gateway: this.gateway, namespace, user: this.sessions.get(namespace)?.user ?? "" };
  }
}

function valuesShown(values: readonly unknown[]): string {
  return values.length === 1 ? shown(values[0]) : values.map(shown).join(", ");
}

function roomIn(payload: unknown): string | undefined {
  const [room, caseId] = [field(payload, "room"), field(payload, "caseId")];
  if (typeof room === "string") return room;
  return typeof caseId === "string" ? `case:${caseId}` : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textIn(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === "string" ? text : "";
}

function hasField(value: unknown, name: string): boolean {
  return field(value, name) !== undefined;
}
