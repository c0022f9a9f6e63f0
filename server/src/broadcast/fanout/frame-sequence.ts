import { NOTHING } from "./frame.ts";

/**
 * The frames of one turn, in order, as a node of a tree. The root has no frames; a child has its parent's frames plus
 * one.
 * Connections with the same frames share a node, so their bytes are joined once.
 */
export class FrameSequence {
  readonly frames: number;
  readonly bytes: number;
  readonly #before: FrameSequence | undefined;
  readonly #frame: Buffer;
  #joined: Buffer | undefined;
  /**
   * The sequence that was made from this one by adding a frame last. All members of a room get the same frame directly
   * after each other, so the next member usually needs the same sequence.
   */
  #latestChild: FrameSequence | undefined;

  private constructor(before: FrameSequence | undefined, frame: Buffer) {
    this.#before = before;
    this.#frame = frame;
    this.frames = before === undefined ? 0 : before.frames + 1;
    this.bytes = before === undefined ? 0 : before.bytes + frame.length;
  }

  /** The root for a new turn. Each turn has its own root, so that no frame stays in memory after its turn. */
  static empty(): FrameSequence {
    return new FrameSequence(undefined, NOTHING);
  }

  /** These frames followed by `frame`. Callers with the same buffer get the same node. */
  with(frame: Buffer): FrameSequence {
    const latest = this.#latestChild;
    if (latest !== undefined && latest.#frame === frame) return latest;
    return (this.#latestChild = new FrameSequence(this, frame));
  }

  /** All frames in order. Connections share this buffer, so nobody may write to it. */
  joined(): Buffer {
    if (this.frames === 1) return this.#frame;
    return (this.#joined ??= FrameSequence.#join(this));
  }

  static #join(last: FrameSequence): Buffer {
    const all = Buffer.allocUnsafe(last.bytes);
    let end = last.bytes;
    for (let node: FrameSequence | undefined = last; node !== undefined; node = node.#before) {
      end -= node.#frame.length;
      node.#frame.copy(all, end);
    }
    return all;
  }
}
