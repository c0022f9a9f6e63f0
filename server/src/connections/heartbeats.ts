import { textFrame } from "../broadcast/fanout/frame.ts";
import { DeadlineQueue, type Scheduled } from "./deadline-queue.ts";
import type { EngineSocket, Heartbeat, PingedSocket } from "../internals/engine-io.ts";

/** Pings that are due within this time leave together. */
const EVERY_MS = 250;
/** Engine.IO's ping. All connections share the buffer. */
const PING = [textFrame("2")];

/**
 * Sends the pings of connections that came by a quick upgrade, with one timer for all. engine.io has two timers per
 * connection and sets them again for each ping. Other connections keep these timers.
 */
export class Heartbeats {
  readonly #queue = new DeadlineQueue<Beat>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** `now`: a clock in milliseconds that never jumps. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Number of connections. */
  get size(): number {
    return this.#queue.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.pass(), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Call for a new connection without engine.io's timers. */
  add(socket: PingedSocket): void {
    const beat = new Beat(socket, this.#set);
    socket.pingIntervalTimer = beat;
    beat.refresh();
  }

  /** Call when any connection has closed. */
  ended(socket: EngineSocket & { pingIntervalTimer?: unknown }): void {
    if (socket.pingIntervalTimer instanceof Beat) this.#queue.delete(socket.pingIntervalTimer);
  }

  /** Sends the pings that are due. Closes connections whose pong is overdue. */
  pass(): void {
    for (const beat of this.#queue.takeDue(this.#now())) {
      const { socket } = beat;
      if (socket.readyState === "closed") continue;
      if (socket.pingTimeoutTimer === null) pingBy(beat);
      else socket.onClose("ping timeout");
    }
  }

  /** Sets when the connection is looked at next: when its next ping is due, or when its pong is overdue. */
  readonly #set = (beat: Beat): void => {
    const { pingTimeoutTimer, server } = beat.socket;
    const { pingInterval, pingTimeout } = server.opts;
    this.#queue.delete(beat);
    this.#queue.schedule(beat, this.#now() + (pingTimeoutTimer === null ? pingInterval : pingTimeout));
  };
}

class Beat implements Heartbeat, Scheduled {
  readonly socket: PingedSocket;
  scheduledAtMs = 0;
  queueIndex = -1;
  readonly #set: (beat: Beat) => void;

  constructor(socket: PingedSocket, set: (beat: Beat) => void) {
    this.socket = socket;
    this.#set = set;
  }

  refresh(): void {
    this.#set(this);
  }
}

/** Does what engine.io's own timer does. */
function pingBy(beat: Beat): void {
  const { socket } = beat;
  const { transport, writeBuffer, readyState } = socket;
  socket.hasRefreshedPingTimeout = false;
  const sender = transport.socket?._sender;
  // Nothing waits in engine.io, so the frame may pass it.
  if (sender !== undefined && transport.writable && writeBuffer.length === 0 && readyState === "open")
    sender.sendFrame(PING);
  else socket.sendPacket("ping");
  socket.pingTimeoutTimer = beat;
  beat.refresh();
}
