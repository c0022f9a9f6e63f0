import { type KubeObject, textOf } from "../../api/kube-object.ts";
import { manifestAnnotation } from "./in-sync.ts";
import { type Step } from "../plan.ts";

/** How many times in a row the operator wrote the same manifest to one object. */
export interface WriteRecord {
  /** Hash of the manifest. */
  hash: string;
  writes: number;
  lastMs: number;
}

/** One record for each object. The key is its kind and name, such as "Service chat-server". */
export type WriteHistory = ReadonlyMap<string, WriteRecord>;

/**
 * The first writes of the same manifest have no delay. Repetitions may be harmless: a user has corrected a mistake, or
 * an answer was lost.
 */
const FREE_WRITES = 5;
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 300_000;
/** The record of an object is removed when the object was not written for this long. */
const OVER_AFTER_MS = 600_000;

export interface Paced {
  steps: readonly Step[];
  /** Objects that another program changes back each time the operator has written them. */
  overwritten: readonly string[];
  /**
   * Milliseconds until a delayed step may run or a record is removed, whichever is earlier. Infinity when neither will
   * happen.
   */
  nextAfterMs: number;
}

/**
 * Delays repeated writes of the same manifest. If another controller or a second operator undoes each write, the
 * operator would otherwise load the API server without end.
 */
export function paced(steps: readonly Step[], writeHistory: WriteHistory, nowMs: number): Paced {
  const hot = [...writeHistory].filter(
    ([, { writes, lastMs }]) => writes > FREE_WRITES && nowMs < lastMs + OVER_AFTER_MS,
  );
  const dueMsOf = (step: Step): number => {
    if (step.type !== "apply" && step.type !== "strip") return -Infinity;
    const object = step.type === "apply" ? step.manifest : step.child;
    return dueMs(writeHistory.get(textOf(object)), hashOf(object));
  };
  const held = steps.filter((step) => nowMs < dueMsOf(step));
  const dates = [...hot.map(([, { lastMs }]) => lastMs + OVER_AFTER_MS), ...held.map(dueMsOf)];
  return {
    steps: steps.filter((step) => !held.includes(step)),
    overwritten: hot.map(([text]) => text),
    nextAfterMs: Math.min(...dates, Infinity) - nowMs,
  };
}

/** The history after these objects were written, without the records that are too old. */
export function afterWrites(writeHistory: WriteHistory, written: readonly KubeObject[], nowMs: number): WriteHistory {
  const next = new Map([...writeHistory].filter(([, { lastMs }]) => nowMs < lastMs + OVER_AFTER_MS));
  for (const object of written) {
    const hash = hashOf(object);
    if (hash === undefined) continue;
    const before = next.get(textOf(object));
    next.set(textOf(object), { hash, writes: before?.hash === hash ? before.writes + 1 : 1, lastMs: nowMs });
  }
  return next;
}

function dueMs(record: WriteRecord | undefined, hash: string | undefined): number {
  if (record === undefined || record.hash !== hash || record.writes < FREE_WRITES) return 0;
  return record.lastMs + Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(record.writes - FREE_WRITES, 20));
}

function hashOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[manifestAnnotation];
}
