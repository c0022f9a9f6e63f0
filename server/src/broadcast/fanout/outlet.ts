import type { Socket as TcpSocket } from "node:net";
import type { EngineSocket } from "../../internals/engine-io.ts";
import { sendFrameOfClass, type Sender, type Written } from "../../internals/ws.ts";
import { FIN_TEXT, joinedFrame, NOTHING } from "./frame.ts";
import type { FrameSequence } from "./frame-sequence.ts";
import type { SharedBatch } from "./shared-batch.ts";
import type { Turn } from "./turn.ts";

/** Write a sequence at once when it reaches this size. Joining more frames saves nothing more. */
const ENOUGH_BYTES = 64 * 1024;
/** Write a frame of this size by itself. Joining it to others would copy it. */
export const LONG_FRAME_BYTES = 32 * 1024;

/** Called when the kernel did not take all bytes of a connection. */
export type OnQueue = (connection: EngineSocket) => void;

/**
 * Orders everything that one WebSocket connection sends. Broadcasts come through `offer`. Frames of engine.io and ws
 * come through `sendFrame`, which replaces the method of ws's sender. Both add to one sequence, so frames leave in the
 * order of the calls, with one write at the end of the turn.
 */
export class Outlet {
  readonly #connection: EngineSocket;
  readonly #sender: Sender;
  readonly #socket: TcpSocket;
  readonly #turn: Turn;
  readonly #onQueue: OnQueue;
  #pending: FrameSequence | undefined;
  #isDue = false;
  #isCongested = false;
  #waiting: Written[] | undefined;
  #batch: SharedBatch | undefined;
  #placeOnBatch = 0;

  /** Takes over a connection that `unsupported` accepts. */
  constructor(connection: EngineSocket, turn: Turn, onQueue: OnQueue) {
    this.#connection = connection;
    this.#sender = connection.transport.socket!._sender!;
    this.#socket = this.#sender._socket;
    this.#turn = turn;
    this.#onQueue = onQueue;
    this.#sender.sendFrame = (list, written) => this.#sendFrame(list, written);
    if (this.#socket.writableLength > 0) onQueue(connection);
  }

  /** Bytes that wait for the end of this turn. */
  get pendingBytes(): number {
    return (this.#batch?.pending ?? this.#pending)?.bytes ?? 0;
  }

  /**
   * Queues a text frame that other connections may share. Returns false when the caller must use Socket.IO's path:
   * engine.io holds earlier packets, or the connection is closing.
   */
  offer(frame: Buffer): boolean {
    const connection = this.#connection;
    if (connection.writeBuffer.length !== 0 || connection.readyState !== "open") return false;
    this.#append(frame);
    return true;
  }

  /** Like `offer`, for a volatile message: drops it while earlier bytes have not left. */
  offerVolatile(frame: Buffer): boolean {
    if (this.#socket.writableLength > 0 && this.#connection.readyState === "open") return true;
    return this.offer(frame);
  }

  /**
   * Adds the connection to a room's batch if nothing else is queued for it. The transport must be writable:
   * then engine.io passes every packet to `sendFrame` at once, and `sendFrame` leaves the batch first.
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

  /** Called when the batch has moved this connection to another place in its list. */
  movedTo(place: number): void {
    this.#placeOnBatch = place;
  }

  /** Leaves this batch, if the connection is on it, and takes over the frames that the batch holds for it. */
  leaveBatch(batch: SharedBatch | undefined): void {
    if (batch === undefined || batch !== this.#batch) return;
    this.#batch = undefined;
    batch.takeOff(this.#placeOnBatch);
    if (batch.pending === undefined) return;
    this.#pending = batch.pending;
    this.#becomeDue();
  }

  /** Writes the queued frames. */
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

  /** Writes these bytes now. The caller keeps the order. */
  write(bytes: Buffer): void {
    // A closed socket reports its own error. A write would only add a second error.
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

  /**
   * Writes the queued frames before the end of the turn. The connection stays in the turn's list if it is there: the
   * list must not contain it twice.
   */
  #flushEarly(): void {
    this.leaveBatch(this.#batch);
    const isDue = this.#isDue;
    this.flush();
    this.#isDue = isDue;
  }

  #sendFrame(list: (Buffer | string)[], written?: Written): void {
    const isText = (list[0] as Buffer)[0] === FIN_TEXT;
    const socket = this.#socket;
    // Send these frames now, after the queue: binary payloads (the application may reuse the buffer), a close frame
    // (its callback ends the socket), and any frame on a dead socket (the socket reports the error).
    if (!isText || !socket.writable) {
      this.#flushEarly();
      sendFrameOfClass(this.#sender, list, written);
      if (socket.writableLength > 0) this.#onQueue(this.#connection);
      return;
    }
    this.#append(joinedFrame(list));
    if (written !== undefined) this.#whenWritten(written);
  }

  /** engine.io sends its next packets in this callback. They join the sequence while the socket accepts everything. */
  #whenWritten(written: Written): void {
    if (this.#socket.writableLength === 0) process.nextTick(written);
    else if (this.#pending === undefined) this.#socket.write(NOTHING, written);
    else (this.#waiting ??= []).push(written);
  }

  #write(bytes: Buffer, written?: Written): void {
    const socket = this.#socket;
    socket.write(bytes, written);
    if (socket.writableLength === 0) return;
    this.#onQueue(this.#connection);
    if (!this.#isCongested) this.#untilDrained();
  }

  /**
   * The kernel buffer is full. Make engine.io see the same as after its own write: it drops volatile emits and buffers
   * the rest.
   * The callback of an empty write runs when all earlier bytes have left.
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
