import { NOTHING } from "./frame.ts";

/**
 * The frames that a connection sends in one turn of the event loop, in order. Sequences are nodes of a tree. The root
 * has no frames; a child has the frames of its parent and one more. Connections with the same frames share a node, so
 * the bytes are joined only once.
 */
export class FrameSequence {
  readonly frames: number;
  readonly bytes: number;
  readonly #before: FrameSequence | undefined;
  readonly #frame: Buffer;
  #joined: Buffer | undefined;
  /**
   * The newest sequence that adds a frame to this one. All members of a room get the same frame directly after each
   * other, so the next member usually needs this sequence.
   */
  #latestChild: FrameSequence | undefined;

  private constructor(before: FrameSequence | undefined, frame: Buffer) {
    this.#before = before;
    this.#frame = frame;
    this.frames = before === undefined ? 0 : before.frames + 1;
    this.bytes = before === undefined ? 0 : before.bytes + frame.length;
  }

  /**
   * The root of the tree for a new turn. Each turn has a root of its own, so that no frame stays in memory after its
   * turn.
   */
  static empty(): FrameSequence {
    return new FrameSequence(undefined, NOTHING);
  }

  /**
   * The sequence of these frames and then `frame`. Two calls one after the other with the same buffer return the same
   * node.
   */
  with(frame: Buffer): FrameSequence {
    const latest = this.#latestChild;
    if (latest !== undefined && latest.#frame === frame) return latest;
    return (this.#latestChild = new FrameSequence(this, frame));
  }

  /** The bytes of all frames, in order. Connections share this buffer, so nobody may write to it. */
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
