import type { Socket as TcpSocket } from "node:net";
import type { EngineSocket } from "../../internals/engine-io.ts";
import { sendFrameOfClass, type Sender, type Written } from "../../internals/ws.ts";
import { FIN_TEXT, joinedFrame, NOTHING } from "./frame.ts";
import type { FrameSequence } from "./frame-sequence.ts";
import type { SharedBatch } from "./shared-batch.ts";
import type { Turn } from "./turn.ts";

/** A sequence this long gains nothing more from waiting: by then a write's price is mostly its bytes. */
const ENOUGH_BYTES = 64 * 1024;
/** A frame this long is written by itself; joining it to others would copy it. */
export const LONG_FRAME_BYTES = 32 * 1024;

/**
 * The one way out of a WebSocket connection. Broadcasts come in by `offer`; frames of engine.io and ws (acks, pings,
 * direct emits, other namespaces) by `sendFrame`, which this replaces on the connection's sender. Both add to one
 * sequence, so frames are sent in the order of the calls, with one write at the end of the turn.
 */
export class Outlet {
  readonly #connection: EngineSocket;
  readonly #sender: Sender;
  readonly #socket: TcpSocket;
  readonly #turn: Turn;
  #pending: FrameSequence | undefined;
  #isDue = false;
  #isCongested = false;
  #waiting: Written[] | undefined;
  #batch: SharedBatch | undefined;
  #placeOnBatch = 0;

  /** Takes over a connection for which `unsupported` found nothing. */
  constructor(connection: EngineSocket, turn: Turn) {
    this.#connection = connection;
    this.#sender = connection.transport.socket!._sender!;
    this.#socket = this.#sender._socket;
    this.#turn = turn;
    this.#sender.sendFrame = (list, written) => this.#sendFrame(list, written);
  }

  /** Bytes that wait for the end of this turn. */
  get pendingBytes(): number {
    return (this.#batch?.pending ?? this.#pending)?.bytes ?? 0;
  }

  /**
   * Takes a text frame that other connections may share. False sends the caller down the ordinary path: engine.io holds
   * packets that must go first, or the connection is closing.
   */
  offer(frame: Buffer): boolean {
    const connection = this.#connection;
    if (connection.writeBuffer.length !== 0 || connection.readyState !== "open") return false;
    this.#append(frame);
    return true;
  }

  /** As `offer`, for a volatile message: dropped while earlier bytes have not left. */
  offerVolatile(frame: Buffer): boolean {
    if (this.#socket.writableLength > 0 && this.#connection.readyState === "open") return true;
    return this.offer(frame);
  }

  /**
   * Puts the connection on a room's batch if nothing else is due. The transport must be writable: then all that
   * engine.io sends passes `sendFrame` at once, which leaves the batch first, and nothing gathers in engine.io's
   * buffer.
   */
  enterBatch(batch: SharedBatch, place: number): boolean {
    const { writeBuffer, readyState, transport } = this.#connection;
    const isFree = this.#pending === undefined && this.#batch?.pending === undefined;
    if (!isFree || !transport.writable || writeBuffer.length !== 0 || readyState !== "open") return false;
    this.leaveBatch(this.#batch);
    this.#batch = batch;
    this.#placeOnBatch = place;
    return true;
  }

  /** The batch has given this connection another place. */
  movedTo(place: number): void {
    this.#placeOnBatch = place;
  }

  /** Takes over what this batch holds for the connection, if it is on it. */
  leaveBatch(batch: SharedBatch | undefined): void {
    if (batch === undefined || batch !== this.#batch) return;
    this.#batch = undefined;
    batch.takeOff(this.#placeOnBatch);
    if (batch.pending === undefined) return;
    this.#pending = batch.pending;
    this.#becomeDue();
  }

  /** Writes what is pending. */
  flush(): void {
    this.#isDue = false;
    const frames = this.#pending;
    if (frames === undefined) return;
    this.#pending = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) {
      this.write(frames.joined());
    } else {
      this.#write(frames.joined(), (error) => waiting.forEach((written) => written(error)));
    }
  }

  /** Writes these bytes now; the caller keeps the order. */
  write(bytes: Buffer): void {
    // A socket that was ended or destroyed reports that itself; a write would only add a second error.
    if (this.#socket.writable) this.#write(bytes);
  }

  #append(frame: Buffer): void {
    this.leaveBatch(this.#batch);
    if (frame.length >= LONG_FRAME_BYTES) {
      this.#flushEarly();
      this.#write(frame);
      return;
    }
    const frames = (this.#pending ?? this.#turn.root).with(frame);
    this.#pending = frames;
    if (frames.bytes >= ENOUGH_BYTES) return this.#flushEarly();
    this.#becomeDue();
  }

  #becomeDue(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#turn.add(this);
  }

  /** Keeps the place in the turn's list, which must not name a connection twice. */
  #flushEarly(): void {
    this.leaveBatch(this.#batch);
    const isDue = this.#isDue;
    this.flush();
    this.#isDue = isDue;
  }

  #sendFrame(list: (Buffer | string)[], written?: Written): void {
    const isText = (list[0] as Buffer)[0] === FIN_TEXT;
    const socket = this.#socket;
    // These go out at once, after what is pending: binary payloads, which the application may reuse after the call; a
    // close frame, which ends the socket in its callback; and any frame on a dead socket, which reports its own error.
    if (!isText || !socket.writable) {
      this.#flushEarly();
      sendFrameOfClass(this.#sender, list, written);
      return;
    }
    this.#append(joinedFrame(list));
    if (written !== undefined) this.#whenWritten(written);
  }

  /** engine.io sends its next packets from this callback: while the socket takes everything, they join the sequence. */
  #whenWritten(written: Written): void {
    if (this.#socket.writableLength === 0) process.nextTick(written);
    else if (this.#pending === undefined) this.#socket.write(NOTHING, written);
    else (this.#waiting ??= []).push(written);
  }

  #write(bytes: Buffer, written?: Written): void {
    const socket = this.#socket;
    socket.write(bytes, written);
    if (socket.writableLength > 0 && !this.#isCongested) this.#untilDrained();
  }

  /**
   * The kernel took less than it was given. engine.io sees what it would see after its own write: volatile direct
   * emits are dropped, the rest waits in its buffer. An empty write is called back when all bytes before it have
   * left.
   */
  #untilDrained(): void {
    const { transport } = this.#connection;
    this.leaveBatch(this.#batch);
    this.#isCongested = true;
    transport.writable = false;
    this.#socket.write(NOTHING, (error) => {
      this.#isCongested = false;
      if (error) return;
      transport.writable = true;
      transport.emit("ready");
    });
  }
}
