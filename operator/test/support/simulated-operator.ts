import type { Clock } from "../../src/engine/clock.ts";
import { KeyedQueue } from "../../src/engine/keyed-queue.ts";
import { done } from "../../src/engine/outcome.ts";
import { runWorkers, type FinishedPass } from "../../src/engine/workers.ts";
import type { Logger } from "../../src/kube/logger.ts";
import { Memory } from "../../src/reconcile/memory.ts";
import { reconcile, type ReconcileDeps } from "../../src/reconcile/reconcile.ts";
import { Watches } from "../../src/watches/watches.ts";

export interface SimulatedOperator extends Pick<ReconcileDeps, "kube" | "gateways" | "release" | "draw" | "eventName"> {
  clock: Clock;
  onOutcome?: (pass: FinishedPass) => void;
  logger?: Logger;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** Runs the operator without election, ports and metrics, until the signal aborts. */
export function simulateOperator(
  { clock, onOutcome = () => undefined, logger = silent, ...given }: SimulatedOperator,
  signal: AbortSignal,
): void {
  const random = () => 0.5;
  const queue = new KeyedQueue({ clock, random });
  const watches = new Watches({
    kube: given.kube,
    namespaces: [],
    onKey: (key) => queue.add(key),
    logger,
    clock,
    random,
  });
  void watches.run(signal);
  const ports: ReconcileDeps = {
    ...given,
    watches,
    memory: new Memory(),
    logger,
    identity: "operator-1",
    now: () => clock.now(),
  };
  const work = (key: string, working: AbortSignal) =>
    watches.knows(key) ? reconcile(key, ports, working) : Promise.resolve(done);
  void runWorkers({ queue, count: 2, work, onOutcome, clock }, signal);
}
