import { NOTHING } from "./frame.ts";

/**
 * Frames of one turn in order, as a node in a tree: the root is "nothing yet", a child is its parent's frames and one
 * more. Connections with the same frames in the same order hold the same node, so their bytes are joined once.
 */
export class FrameSequence {
  readonly frames: number;
  readonly bytes: number;
  readonly #before: FrameSequence | undefined;
  readonly #frame: Buffer;
  #joined: Buffer | undefined;
  /** The members of a room are served one after the other, so the latest child is the one they share. */
  #latestChild: FrameSequence | undefined;

  private constructor(before: FrameSequence | undefined, frame: Buffer) {
    this.#before = before;
    this.#frame = frame;
    this.frames = before === undefined ? 0 : before.frames + 1;
    this.bytes = before === undefined ? 0 : before.bytes + frame.length;
  }

  /** A turn's root. Each turn takes a new one, so that no frame outlives the turn it was sent in. */
  static empty(): FrameSequence {
    return new FrameSequence(undefined, NOTHING);
  }

  /** These frames and then this one: the same node for every caller with the same buffer. */
  with(frame: Buffer): FrameSequence {
    const latest = this.#latestChild;
    if (latest !== undefined && latest.#frame === frame) return latest;
    return (this.#latestChild = new FrameSequence(this, frame));
  }

  /** All frames in the order they were added. Shared between connections: never written to. */
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
