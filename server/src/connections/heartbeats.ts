import { textFrame } from "../broadcast/fanout/frame.ts";
import { DeadlineQueue, type Scheduled } from "./deadline-queue.ts";
import type { EngineSocket, Heartbeat, PingedSocket } from "../internals/engine-io.ts";

/** Milliseconds between two checks. Pings that become due between two checks are sent at the same time. */
const EVERY_MS = 250;
/** The frame of an Engine.IO ping. All connections share the buffer. */
const PING = [textFrame("2")];

/**
 * Sends the pings of connections that came by a quick upgrade (edge/quick-upgrade.ts), with one timer for all of them.
 * engine.io would use two timers per connection and reset them for each ping. All other connections keep engine.io's
 * timers.
 */
export class Heartbeats {
  readonly #queue = new DeadlineQueue<Beat>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Number of connections to which this object sends pings. */
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

  /** Starts the pings of a connection. Must be called for each new connection that has no timers of engine.io. */
  add(socket: PingedSocket): void {
    const beat = new Beat(socket, this.#set);
    socket.pingIntervalTimer = beat;
    beat.refresh();
  }

  /** Ends the pings of a connection. Must be called when any connection has closed. */
  ended(socket: EngineSocket & { pingIntervalTimer?: unknown }): void {
    if (socket.pingIntervalTimer instanceof Beat) this.#queue.delete(socket.pingIntervalTimer);
  }

  /** Sends the pings that are due. Closes connections that have not answered a ping in time. */
  pass(): void {
    for (const beat of this.#queue.takeDue(this.#now())) {
      const { socket } = beat;
      if (socket.readyState === "closed") continue;
      if (socket.pingTimeoutTimer === null) pingBy(beat);
      else socket.onClose("ping timeout");
    }
  }

  /** Schedules the connection's next check: when its next ping is due, or when it must have answered the last one. */
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

/** Sends a ping, with the same effects on the socket as engine.io's own timer. */
function pingBy(beat: Beat): void {
  const { socket } = beat;
  const { transport, writeBuffer, readyState } = socket;
  socket.hasRefreshedPingTimeout = false;
  const sender = transport.socket?._sender;
  // No packets wait in engine.io, so writing the frame past engine.io keeps the order.
  if (sender !== undefined && transport.writable && writeBuffer.length === 0 && readyState === "open")
    sender.sendFrame(PING);
  else socket.sendPacket("ping");
  socket.pingTimeoutTimer = beat;
  beat.refresh();
}
