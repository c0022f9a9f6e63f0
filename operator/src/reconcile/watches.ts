import { createHash } from "node:crypto";
import type { KubeObject } from "../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../api/realtime-cluster.ts";
import { optionalResources, resources, type ChildResource } from "../api/resources.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { ListWatch, type ListWatchOptions } from "../kube/list-watch.ts";
import type { Logger } from "../kube/logger.ts";
import { managedBy, selectorText } from "../manifests/labels.ts";
import { ChildIndex, isOlder } from "./child-index.ts";
import { NamedWatches, type NamedObject } from "./named-watches.ts";
import { discoverOptionalKinds, isInstalled, type OptionalKinds } from "./optional-kinds.ts";
import { optionalName } from "./plan.ts";
import { trimmedPod } from "./pods.ts";
import { trimmedChild } from "./trimmed-child.ts";

export interface WatchesOptions {
  kube: Kube;
  /** Empty: all namespaces. */
  namespaces: readonly string[];
  /** A cluster, or something it depends on, has changed. */
  onKey: (clusterKey: string) => void;
  logger: Logger;
  clock: Clock;
  random: () => number;
}

/** How often missing kinds are asked for, while a cluster wants one. */
const probeMs = 15_000;
const { pods, persistentVolumeClaims, events: _events, ...childResources } = resources;

/**
 * Everything the operator sees of Kubernetes, without asking twice: clusters, what carries our label, and single objects by name.
 * Memory grows with the clusters, not with what else lives in their namespaces.
 */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #all = new Set<ListWatch>();
  readonly #clusters = new Map<string, RealtimeCluster>();
  readonly #children = new ChildIndex();
  readonly #pods = new ChildIndex();
  readonly #claims = new ChildIndex();
  readonly #named: NamedWatches;
  /** Clusters that wait for a kind that is not installed. */
  readonly #waiting = new Map<string, readonly string[]>();
  /** Watches of optional kinds, by kind, with how to stop them. */
  readonly #optional = new Map<string, { watches: readonly ListWatch[]; stop: AbortController }>();
  #kinds: OptionalKinds = { installed: new Set(), routeRuleFields: new Set() };
  #hasProbed = false;
  #signal = new AbortController().signal;

  constructor(options: WatchesOptions) {
    this.#options = options;
    this.#named = new NamedWatches({ watch: (named, onChange) => this.#watchNamed(named, onChange), onChange: options.onKey });
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#start(realtimeClusters as unknown as ChildResource, { keep: withoutManagedFields, onChange: ({ type, object }) => this.#clusterChanged(type, object as RealtimeCluster) }, signal);
    this.#watchIndexed(pods, this.#pods, trimmedPod, signal);
    this.#watchIndexed(persistentVolumeClaims, this.#claims, trimmedChild, signal);
    for (const resource of Object.values(childResources)) if (!optionalResources.includes(resource)) this.#watchIndexed(resource, this.#children, trimmedChild, signal);
    await this.#probeKinds(signal);
  }

  /** Every list is in and the optional kinds are known: what is not seen now does not exist. */
  get isSynced(): boolean {
    return this.#hasProbed && [...this.#all].every((watch) => watch.isSynced);
  }

  /** The first watch that is not up to date, in words. */
  get problem(): string | undefined {
    return [...this.#all].map((watch) => watch.problem).find((text) => text !== undefined);
  }

  /** When the API server was last heard on the watch that heard least of it. */
  get heardAtMs(): number {
    return Math.min(...[...this.#all].map((watch) => watch.heardAtMs ?? 0));
  }

  get clusterKeys(): string[] {
    return [...this.#clusters.keys()];
  }

  get kinds(): OptionalKinds {
    return this.#kinds;
  }

  cluster(key: string): RealtimeCluster | undefined {
    return this.#clusters.get(key);
  }

  childrenOf(key: string): KubeObject[] {
    return this.#children.of(key);
  }

  podsOf(key: string): KubeObject[] {
    return this.#pods.of(key);
  }

  claimsOf(key: string): KubeObject[] {
    return this.#claims.of(key);
  }

  /** What we wrote, as the API server answered: known before its event comes. */
  remember(object: KubeObject): void {
    if (object.kind === realtimeClusters.kind) this.#putCluster(object as RealtimeCluster);
    else if (object.kind === "Pod") this.#pods.put(trimmedPod(object));
    else if (object.kind === "PersistentVolumeClaim") this.#claims.put(trimmedChild(object));
    else this.#children.put(trimmedChild(object));
  }

  /** From now on a change of these objects is a change of this cluster. */
  depend(clusterKey: string, named: readonly NamedObject[], missingKinds: readonly string[]): void {
    this.#named.depend(clusterKey, named);
    if (missingKinds.length > 0) this.#waiting.set(clusterKey, missingKinds);
    else this.#waiting.delete(clusterKey);
  }

  view(named: NamedObject): ReturnType<NamedWatches["view"]> {
    return this.#named.view(named);
  }

  #clusterChanged(type: "added" | "modified" | "deleted", cluster: RealtimeCluster): void {
    const key = `${cluster.metadata.namespace}/${cluster.metadata.name}`;
    if (type !== "deleted") this.#putCluster(cluster);
    else if (this.#clusters.get(key)?.metadata.uid === cluster.metadata.uid) this.#clusters.delete(key);
    this.#options.onKey(key);
  }

  #putCluster(cluster: RealtimeCluster): void {
    const key = `${cluster.metadata.namespace}/${cluster.metadata.name}`;
    const known = this.#clusters.get(key);
    if (known?.metadata.uid !== cluster.metadata.uid || !isOlder(cluster, known)) this.#clusters.set(key, withoutManagedFields(cluster) as RealtimeCluster);
  }

  #watchIndexed(resource: ChildResource, index: ChildIndex, keep: (object: KubeObject) => KubeObject, signal: AbortSignal): ListWatch[] {
    return this.#start(resource, {
      labelSelector: selectorText(managedBy),
      keep,
      onChange: ({ type, object, before }) => {
        // A label that was moved to another cluster's name leaves the first one without the child.
        const left = before === undefined ? undefined : index.remove(before);
        const key = type === "deleted" ? index.remove(object) : index.put(object);
        for (const changed of new Set([left, key])) if (changed !== undefined) this.#options.onKey(changed);
      },
    }, signal);
  }

  #start(resource: ChildResource, how: Pick<ListWatchOptions, "labelSelector" | "keep" | "onChange">, signal: AbortSignal): ListWatch[] {
    const { kube, namespaces, logger, clock, random } = this.#options;
    const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
    return scopes.map((scope) => {
      const watch = new ListWatch({ kube, resource, ...scope, ...how, logger, clock, random, onSynced: () => this.#syncedOne() });
      this.#all.add(watch);
      void watch.run(signal);
      return watch;
    });
  }

  /** Nothing is decided before everything is known; then every cluster is looked at once. */
  #syncedOne(): void {
    if (this.isSynced) for (const key of this.#clusters.keys()) this.#options.onKey(key);
  }

  #watchNamed(named: NamedObject, onChange: () => void): { view(): ReturnType<NamedWatches["view"]>; stop(): void } {
    const { kube, logger, clock, random } = this.#options;
    const stop = new AbortController();
    const watch = new ListWatch({
      kube,
      resource: named.resource,
      namespace: named.namespace,
      fieldSelector: `metadata.name=${named.name}`,
      keep: withoutValues,
      onChange,
      onSynced: onChange,
      logger,
      clock,
      random,
    });
    void watch.run(AbortSignal.any([this.#signal, stop.signal]));
    return { view: () => ({ isSynced: watch.isSynced, object: watch.get(named.namespace, named.name), problem: watch.problem }), stop: () => stop.abort() };
  }

  /** Finds kinds that came and drops those that went. In steady state nobody waits for a kind, and nothing is asked. */
  async #probeKinds(signal: AbortSignal): Promise<void> {
    const { kube, logger, clock } = this.#options;
    while (!signal.aborted) {
      const isDoubtful = [...this.#optional.values()].some(({ watches }) => watches.some(({ problem, isSynced }) => isSynced && problem !== undefined));
      if (!this.#hasProbed || this.#waiting.size > 0 || isDoubtful) {
        try {
          this.#adopt(await discoverOptionalKinds(kube, signal), signal);
        } catch (error) {
          if (!signal.aborted) logger.warn({ err: error }, "the kinds that the API server serves cannot be told");
        }
      }
      await clock.wait(this.#hasProbed ? probeMs : 1_000, signal);
    }
  }

  #adopt(kinds: OptionalKinds, signal: AbortSignal): void {
    const before = this.#kinds;
    this.#kinds = kinds;
    for (const resource of optionalResources) {
      const name = optionalName(resource);
      const running = this.#optional.get(name);
      if (isInstalled(resource, kinds) && running === undefined) {
        const stop = new AbortController();
        this.#optional.set(name, { watches: this.#watchIndexed(resource, this.#children, trimmedChild, AbortSignal.any([signal, stop.signal])), stop });
      } else if (!isInstalled(resource, kinds) && running !== undefined) {
        running.stop.abort();
        this.#optional.delete(name);
        for (const watch of running.watches) {
          this.#all.delete(watch);
          for (const object of watch.values()) this.#children.remove(object);
        }
      }
    }
    const isFirst = !this.#hasProbed;
    this.#hasProbed = true;
    if (isFirst || [...kinds.installed].join() !== [...before.installed].join()) for (const key of this.#clusters.keys()) this.#options.onKey(key);
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** A named object as far as a cluster needs it: who owns it, and of a Secret the size and hash of each value. */
function withoutValues(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences } = object.metadata;
  const data = object.kind === "Secret" ? ((object["data"] ?? {}) as Record<string, string>) : {};
  const keys = Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const bytes = Buffer.from(value, "base64");
      return [key, { bytes: bytes.length, hash: createHash("sha256").update(bytes).digest("hex") }];
    }),
  );
  const metadata = { name, namespace, uid, resourceVersion, labels, ownerReferences } as KubeObject["metadata"];
  return { apiVersion: object.apiVersion, kind: object.kind, metadata, keys };
}
