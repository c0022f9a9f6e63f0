import { NOTHING } from "./frame.ts";

/**
 * What is due for a connection in this turn, as a node in a tree of histories: the root is "nothing yet", a child is its
 * parent's frames and one more. Connections that were sent the same frames in the same order stand on the same node, so
 * the bytes they all get are put together once, whoever writes first.
 */
export class Batch {
  readonly frames: number;
  readonly bytes: number;
  readonly #before: Batch | undefined;
  readonly #frame: Buffer;
  #joined: Buffer | undefined;
  /** Members of a room are served one after the other, so remembering the latest child is enough to share it. */
  #latestChild: Batch | undefined;

  private constructor(before: Batch | undefined, frame: Buffer) {
    this.#before = before;
    this.#frame = frame;
    this.frames = before === undefined ? 0 : before.frames + 1;
    this.bytes = before === undefined ? 0 : before.bytes + frame.length;
  }

  /** A turn's root. Each turn takes a new one, so that no frame outlives the turn it was sent in. */
  static empty(): Batch {
    return new Batch(undefined, NOTHING);
  }

  /** The node for these frames and then this one; the same node for every caller with the same buffer in hand. */
  with(frame: Buffer): Batch {
    const latest = this.#latestChild;
    if (latest !== undefined && latest.#frame === frame) return latest;
    return (this.#latestChild = new Batch(this, frame));
  }

  /** All frames in the order they were added. Shared between connections: never written to. */
  joined(): Buffer {
    if (this.frames === 1) return this.#frame;
    return (this.#joined ??= Batch.#join(this));
  }

  static #join(last: Batch): Buffer {
    const all = Buffer.allocUnsafe(last.bytes);
    let end = last.bytes;
    for (let node: Batch | undefined = last; node !== undefined; node = node.#before) {
      end -= node.#frame.length;
      node.#frame.copy(all, end);
    }
    return all;
  }
}
