import { closeAfterEach } from "../../../testkit/close-after-each.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { ConnectionError } from "../../src/kube/errors.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { ListWatch, type Change, type ListWatchOptions } from "../../src/kube/list-watch/list-watch.ts";
import { idle, ManualClock } from "./manual-clock.ts";

const { configMaps } = resources;
const keep = closeAfterEach();

/** Starts a list-watch of ConfigMaps on a fake server. It ends after each test. */
export function start(options: Partial<ListWatchOptions> = {}) {
  const kube = new FakeKube();
  const clock = new ManualClock();
  const told: string[] = [];
  const warned: string[] = [];
  const quiet = () => undefined;
  const stopping = new AbortController();
  const watch = new ListWatch({
    kube,
    resource: configMaps,
    clock,
    random: () => 0,
    logger: { debug: quiet, info: quiet, warn: (_fields, message) => warned.push(message) },
    onSynced: () => told.push("synced"),
    ...options,
    onChange: (change) => {
      told.push(summary(change));
      options.onChange?.(change);
    },
  });
  const began: { running?: Promise<void> } = {};
  const stop = async () => {
    stopping.abort();
    await began.running;
  };
  keep(watch, stop);
  return {
    kube,
    clock,
    told,
    warned,
    watch,
    stopping,
    stop,
    run: async () => {
      began.running = watch.run(stopping.signal);
      await idle();
    },
    put: (name: string, x = "") =>
      kube.apply(configMaps, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "default" },
        data: { x },
      }),
    requests: (verb: string) =>
      kube.requests
        .filter((request) => request.verb === verb)
        .map((request) => request.options as { resourceVersion?: string; timeoutSeconds?: number; continue?: string }),
    names: () => [...watch.values()].map(({ metadata }) => metadata.name).sort(),
  };
}

export const reset = new ConnectionError("read ECONNRESET");

export function summary({ type, object, before }: Change): string {
  const x = (of: KubeObject | undefined) => (of?.["data"] as { x?: string } | undefined)?.x ?? "";
  return `${type} ${object.metadata.name} ${type === "modified" ? `${x(before)}>` : ""}${x(object)}`.trim();
}
