import { type KubeObject, textOf } from "../../api/kube-object.ts";
import { manifestAnnotation } from "./in-sync.ts";
import { type Step } from "../plan.ts";

/** How many times in a row the same manifest was written to one object. */
export interface WriteRecord {
  /** Hash of the manifest. */
  hash: string;
  writes: number;
  lastMs: number;
}

/** A record for each object, by its text "Kind name". */
export type WriteHistory = ReadonlyMap<string, WriteRecord>;

/** So many writes have no delay, because users correct mistakes and answers get lost. */
const FREE_WRITES = 5;
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 300_000;
/** A record is dropped after this long without a write. */
const OVER_AFTER_MS = 600_000;

export interface Paced {
  steps: readonly Step[];
  /** Objects that others change back as soon as the operator writes them. */
  overwritten: readonly string[];
  /** Milliseconds until a delayed step may run or a record is dropped. Infinity when there is neither. */
  nextAfterMs: number;
}

/**
 * Delays repeated writes of the same manifest. If another controller or a second operator always undoes a write, the
 * API server would otherwise be loaded without end.
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

/** The history after these writes. Old records are dropped. */
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
