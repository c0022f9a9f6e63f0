import { Manager, type Socket } from "socket.io-client";
import { innerManager, innerSocket, type EventPacket } from "./socket-io-internals.ts";

/** The time in which the new connection must open and the application must give a token. */
const OPEN_MS = 15_000;
/** The time in which the gateway must answer the CONNECT. While Redis is slow, a gateway needs up to 2 s. */
const ENTER_MS = 5_000;
/** Events of the gateway that it does not send again on the new connection. */
const NEVER_STORED: ReadonlySet<unknown> = new Set(["error", "presence", "token:expiring"]);
/** EVENT and BINARY_EVENT of the Socket.IO protocol. */
const EVENTS: ReadonlySet<number> = new Set([2, 5]);

const moving = new WeakSet<Manager>();

/** Whether the session of this socket can move to another connection. Without recovery it cannot. */
function canMove(socket: Socket): boolean {
  return socket.connected && innerSocket(socket)._pid !== undefined;
}

/**
 * Opens a second connection, moves the sessions of all namespaces to it, and closes the first one. The sockets get
 * `connect` again, but no `disconnect`. Resolves to false if that was not possible. The manager then keeps the first
 * connection, or reconnects as usual if this one has ended in the meantime.
 */
export async function moveToNextConnection(manager: Manager): Promise<boolean> {
  const { uri, nsps } = innerManager(manager);
  const sockets = Object.entries(nsps).filter(([, socket]) => socket.active);
  if (moving.has(manager) || !sockets.every(([, socket]) => canMove(socket))) return false;
  moving.add(manager);
  const next = new Manager(uri, { ...manager.opts, reconnection: false, autoConnect: false });
  const received: object[] = [];
  next.on("packet", (packet) => void received.push(packet));
  const hold = new Hold(manager);
  let entered: Map<Socket, Socket>;
  try {
    entered = await enterAll(manager, next, sockets, hold);
    const all = entered;
    if (Object.values(nsps).some((socket) => socket.active && !all.has(socket))) throw new Error();
    await replaceConnection(manager, next);
  } catch {
    next.off();
    next.engine.close();
    hold.undo();
    return false;
  } finally {
    moving.delete(manager);
  }
  hold.end((socket) => entered.get(socket)?.recovered !== true);
  forward(manager, next, received);
  for (const [socket, entering] of entered) if (!socket.active) entering.disconnect();
  return true;
}

/** An error of one listener of the application must not keep the other events from their listeners. */
function runIsolated(run: () => void): void {
  try {
    run();
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}

/**
 * Enters the namespaces of these sockets on the new connection, with the sessions of the sockets. Rejects if a gateway
 * refuses it, if it takes too long, and if the first connection ends before the gateway has the CONNECT.
 */
function enterAll(
  manager: Manager,
  next: Manager,
  sockets: readonly (readonly [namespace: string, Socket])[],
  hold: Hold,
): Promise<Map<Socket, Socket>> {
  const entered = new Map<Socket, Socket>();
  let timer: ReturnType<typeof setTimeout>;
  let isOver = false;
  let fail = (): void => undefined;
  const all = new Promise<Map<Socket, Socket>>((resolve, reject) => {
    let missing = sockets.length;
    fail = reject;
    timer = setTimeout(fail, OPEN_MS);
    manager.on("close", fail);
    next.on("close", fail);
    for (const [namespace, socket] of sockets) {
      const auth = (give: (auth: object) => void): void => {
        const send = (data: object): void => {
          if (isOver) return;
          clearTimeout(timer);
          timer = setTimeout(fail, ENTER_MS);
          hold.begin(socket);
          const { _pid, _lastOffset } = innerSocket(socket);
          Object.assign(innerSocket(entering), { _pid, _lastOffset });
          give(data);
        };
        if (typeof socket.auth === "function") socket.auth(send);
        else send(socket.auth);
      };
      const entering = next.socket(namespace, { auth });
      entered.set(socket, entering);
      entering.on("connect_error", fail);
      entering.on("connect", () => {
        missing -= 1;
        if (missing === 0) resolve(entered);
      });
      entering.connect();
    }
  });
  return all.finally(() => {
    isOver = true;
    clearTimeout(timer);
    manager.off("close", fail);
    next.off("close", fail);
  });
}

/** Lets the manager write to the new connection, and closes the first one. */
function replaceConnection(manager: Manager, next: Manager): Promise<void> {
  const inner = innerManager(manager);
  const old = manager.engine;
  inner.cleanup();
  manager.engine = next.engine;
  old.close();
  for (const socket of Object.values(inner.nsps)) innerSocket(socket)._clearAcks?.();
  // Socket.IO passes packets on in a later turn. Wait for those that the first connection has received already.
  return new Promise((resolve) => setTimeout(resolve));
}

/** Passes everything from the new connection to the sockets, beginning with what it has received already. */
function forward(manager: Manager, next: Manager, received: readonly object[]): void {
  const inner = innerManager(manager);
  next.off("packet");
  next.on("packet", (packet) => inner.emit("packet", packet));
  next.on("ping", () => inner.emit("ping"));
  next.on("close", (reason, description) => inner.onclose(reason, description));
  inner.subs.push(() => next.off());
  for (const packet of received) runIsolated(() => inner.emit("packet", packet));
  if (next._readyState === "closed") inner.onclose("transport close");
}

/**
 * Holds the traffic of the first connection after the CONNECT. Events that arrive then are not part of the offset in
 * the CONNECT, so the gateway sends them again on the new connection. The end of the first connection is expected.
 */
class Hold {
  readonly #manager: Manager;
  readonly #engine: Manager["engine"];
  readonly #events = new Map<Socket, EventPacket[]>();
  #listeners: EndListener[] | undefined;
  #end: End | undefined;

  constructor(manager: Manager) {
    this.#manager = manager;
    this.#engine = manager.engine;
  }

  /** Keeps events to and from this socket, and the end of the connection. Acks still reach the socket. */
  begin(socket: Socket): void {
    if (this.#listeners === undefined) {
      this.#listeners = endListeners(this.#engine);
      this.#engine.off("close");
      this.#engine.on("close", (...end) => void (this.#end = end));
    }
    const events: EventPacket[] = [];
    this.#events.set(socket, events);
    const inner = innerSocket(socket);
    const send = inner.packet!.bind(inner);
    const pass = inner.onevent!.bind(inner);
    inner.onevent = (packet) => {
      if (!NEVER_STORED.has(packet.data[0])) return void events.push(packet);
      // Its offset covers events that are still held. So the socket keeps the offset that it had before.
      const { _lastOffset } = inner;
      runIsolated(() => pass(packet));
      inner._lastOffset = _lastOffset;
    };
    // A session that has moved ends without a DISCONNECT. So this is the application's decision, and ends the hold.
    inner.ondisconnect = () => {
      this.#release(socket, true);
      inner.ondisconnect!();
    };
    inner.packet = (packet) => void (EVENTS.has(packet.type) ? inner.sendBuffer.push(packet) : send(packet));
  }

  /** Drops the events, or passes them to the socket if `isWanted`. The packets to send stay in the socket's buffer. */
  end(isWanted: (socket: Socket) => boolean): void {
    for (const socket of [...this.#events.keys()]) this.#release(socket, isWanted(socket));
  }

  /** Goes on with the first connection. If it has ended, the manager now learns that, and reconnects. */
  undo(): void {
    const end = this.#end;
    const listeners = this.#listeners;
    if (listeners === undefined) return;
    const sockets = [...this.#events.keys()];
    this.end(() => end === undefined);
    // The manager has closed the first connection itself, for example because the application has closed the client.
    if (this.#manager.engine !== this.#engine || this.#manager._readyState !== "open") return;
    this.#engine.off("close");
    for (const listener of listeners) {
      if (end === undefined) this.#engine.on("close", listener);
      else listener(...end);
    }
    if (end !== undefined) return;
    for (const socket of sockets) {
      const inner = innerSocket(socket);
      for (const packet of inner.sendBuffer.splice(0)) inner.packet!(packet as { type: number });
    }
  }

  #release(socket: Socket, isWanted: boolean): void {
    const events = this.#events.get(socket) ?? [];
    this.#events.delete(socket);
    const inner = innerSocket(socket);
    delete inner.onevent;
    delete inner.packet;
    delete inner.ondisconnect;
    if (isWanted) for (const event of events) runIsolated(() => inner.onevent!(event));
  }
}

type EndListener = ReturnType<typeof endListeners>[number];
type End = Parameters<EndListener>;

function endListeners(engine: Manager["engine"]) {
  return engine.listeners("close");
}
