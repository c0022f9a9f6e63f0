import type { Socket as TcpSocket } from "node:net";
import type { EngineSocket } from "../../internals/engine-io.ts";
import { sendFrameOfClass, type Sender, type Written } from "../../internals/ws.ts";
import { FIN_TEXT, joinedFrame, NOTHING } from "./frame.ts";
import type { FrameSequence } from "./frame-sequence.ts";
import type { SharedBatch } from "./shared-batch.ts";
import type { Turn } from "./turn.ts";

/**
 * Frames of at least this size together are written at once, before the end of the turn. Joining more frames does not
 * make writing cheaper.
 */
const ENOUGH_BYTES = 64 * 1024;
/**
 * A frame of at least this size is written by itself, because copying it into a joined buffer costs more than a second
 * write.
 */
export const LONG_FRAME_BYTES = 32 * 1024;

/** Called when the kernel did not accept all bytes that were written to a connection. */
export type OnQueue = (connection: EngineSocket) => void;

/**
 * Puts everything that one WebSocket connection sends into order. Broadcasts come through `offer`. Frames of engine.io
 * and ws come through `sendFrame`, which replaces the method of ws's sender. Both add to one sequence. So the frames
 * are sent in the order of the calls, in one write at the end of the turn of the event loop.
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

  /**
   * Makes everything that the connection sends from now on go through this outlet. The function `unsupported` must have
   * found no problem with the connection.
   */
  constructor(connection: EngineSocket, turn: Turn, onQueue: OnQueue) {
    this.#connection = connection;
    this.#sender = connection.transport.socket!._sender!;
    this.#socket = this.#sender._socket;
    this.#turn = turn;
    this.#onQueue = onQueue;
    this.#sender.sendFrame = (list, written) => this.#sendFrame(list, written);
    if (this.#socket.writableLength > 0) onQueue(connection);
  }

  /** Number of bytes that wait for the end of this turn of the event loop. */
  get pendingBytes(): number {
    return (this.#batch?.pending ?? this.#pending)?.bytes ?? 0;
  }

  /**
   * Queues a text frame; other connections can queue the same buffer. Returns false if the caller must use Socket.IO's
   * code, because engine.io still has earlier packets, or because the connection is closing.
   */
  offer(frame: Buffer): boolean {
    const connection = this.#connection;
    if (connection.writeBuffer.length !== 0 || connection.readyState !== "open") return false;
    this.#append(frame);
    return true;
  }

  /** Like `offer`, for a volatile message. Drops it while the TCP socket still has bytes of earlier writes. */
  offerVolatile(frame: Buffer): boolean {
    if (this.#socket.writableLength > 0 && this.#connection.readyState === "open") return true;
    return this.offer(frame);
  }

  /**
   * Adds the connection to a room's shared batch if nothing else is queued for it. The transport must be writable, so
   * that engine.io passes every new packet to `sendFrame` at once. `sendFrame` then leaves the batch first.
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

  /** The batch has moved this connection to another index of its list. */
  movedTo(place: number): void {
    this.#placeOnBatch = place;
  }

  /**
   * Leaves this batch if the connection is on it. The outlet then queues the frames that the batch had still to write.
   */
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

  /** Writes these bytes now. The caller must keep the order of frames. */
  write(bytes: Buffer): void {
    // A closed socket has already reported an error. A write would only report a second one.
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
   * Writes the queued frames before the end of the turn. `#isDue` keeps its value: if the outlet is in the turn's list,
   * it must not be added to the list a second time.
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
    // Three kinds of frames must not wait for the end of the turn. The application can reuse the buffer of binary
    // payloads. The callback of a close frame ends the socket. A dead socket must report its error.
    if (!isText || !socket.writable) {
      this.#flushEarly();
      sendFrameOfClass(this.#sender, list, written);
      if (socket.writableLength > 0) this.#onQueue(this.#connection);
      return;
    }
    this.#append(joinedFrame(list));
    if (written !== undefined) this.#whenWritten(written);
  }

  /**
   * Calls `written` as ws does after a write; engine.io then sends its next packets. While the socket accepts all
   * bytes, the call comes at once, so these packets still join this turn's sequence.
   */
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
   * The kernel did not accept all bytes. Set the transport to not writable, as engine.io does after its own write:
   * engine.io then drops volatile events and buffers all others. The callback of an empty write runs when all earlier
   * bytes are written.
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
