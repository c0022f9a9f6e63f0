import type { KubeObject } from "../api/kube-object.ts";
import { realtimeClusters, type RealtimeCluster } from "../api/realtime-cluster.ts";
import { optionalResources, resources, type ChildResource } from "../api/resources.ts";
import type { Clock } from "../engine/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { ListWatch, type ListWatchOptions } from "../kube/list-watch/list-watch.ts";
import type { Logger } from "../kube/logger.ts";
import { managedBy, selectorText } from "../manifests/shared/labels.ts";
import { ChildIndex, clusterKeyOf } from "./child-index.ts";
import { Interner } from "./interner.ts";
import { KnownClusters, keyOf, withLastWriter } from "./known-clusters.ts";
import { NamedWatches, type NamedObject } from "./named-watches.ts";
import type { OptionalKinds } from "./optional-kinds.ts";
import { OptionalWatches } from "./optional-watches.ts";
import { RequiredWatches } from "./required-watches.ts";
import { trimmedChild } from "./trimmed-child.ts";
import { trimmedNamed } from "./trimmed-named.ts";
import { trimmedPod } from "./trimmed-pod.ts";

export interface WatchesOptions {
  kube: Kube;
  /** The namespaces to watch. Empty: all namespaces. */
  namespaces: readonly string[];
  /** Called with a cluster's key when the cluster changes, or when an object on which it depends changes. */
  onKey: (clusterKey: string) => void;
  logger: Logger;
  clock: Clock;
  random: () => number;
}

const { pods, persistentVolumeClaims, events: _events, ...childResources } = resources;

/**
 * Everything that the operator reads from Kubernetes: clusters, objects with our label, and single objects by name. The
 * memory that it needs depends on the number of clusters, and not on other objects in their namespaces.
 */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #required = new RequiredWatches();
  readonly #clusters = new KnownClusters();
  readonly #interner = new Interner();
  readonly #trimmed = (object: KubeObject): KubeObject => trimmedChild(object, this.#interner);
  readonly #children = new ChildIndex();
  readonly #pods = new ChildIndex();
  readonly #claims = new ChildIndex();
  readonly #named: NamedWatches;
  readonly #optional: OptionalWatches;
  #signal = new AbortController().signal;

  constructor(options: WatchesOptions) {
    const { kube, logger, clock, onKey } = options;
    this.#options = options;
    this.#named = new NamedWatches({ watch: (named, onChange) => this.#watchNamed(named, onChange), onChange: onKey });
    this.#optional = new OptionalWatches({
      kube,
      start: (resource, signal) => this.#watchIndexed(resource, this.#children, this.#trimmed, signal),
      onGone: (watches) => {
        for (const watch of watches) for (const object of watch.values()) this.#children.delete(object);
      },
      onKinds: () => this.#tellAll(),
      logger,
      clock,
    });
  }

  /** Watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const isClusters = {
      keep: withLastWriter,
      onChange: ({ type, object }: { type: string; object: KubeObject }) =>
        this.#clusterChanged(type, object as RealtimeCluster),
    };
    this.#require(this.#start(realtimeClusters as unknown as ChildResource, isClusters, signal));
    this.#require(this.#watchIndexed(pods, this.#pods, trimmedPod, signal));
    this.#require(this.#watchIndexed(persistentVolumeClaims, this.#claims, this.#trimmed, signal));
    for (const resource of Object.values(childResources)) {
      if (!optionalResources.includes(resource))
        this.#require(this.#watchIndexed(resource, this.#children, this.#trimmed, signal));
    }
    await this.#optional.run(signal);
  }

  /** Whether the first lists of all watches are in memory. */
  get isSynced(): boolean {
    return this.#optional.isSettled && this.#required.areSynced;
  }

  /** Whether all objects of this cluster are in memory. If so, an object that is not in memory does not exist. */
  knows(clusterKey: string): boolean {
    const [namespace] = clusterKey.split("/");
    return this.#optional.isSettled && this.#required.areSyncedIn(namespace);
  }

  /**
   * Why the operator's data is out of date: the problem of the first watch that is out of sync, as a sentence.
   * Undefined when all watches are in sync.
   */
  get problem(): string | undefined {
    return this.#required.problem;
  }

  /** When the API server last sent something on each watch; returns the earliest of these times. */
  get heardAtMs(): number {
    return this.#required.heardAtMs;
  }

  get clusterKeys(): string[] {
    return this.#clusters.keys;
  }

  get kinds(): OptionalKinds {
    return this.#optional.kinds;
  }

  cluster(key: string): RealtimeCluster | undefined {
    return this.#clusters.get(key);
  }

  /** Other clusters that have the same host in spec.exposure. */
  sharingHost(key: string): RealtimeCluster[] {
    return this.#clusters.sharingHost(key);
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

  /**
   * Stores the API server's answer to our own write, so that the next pass has the object even if the watch has not
   * reported it yet.
   */
  remember(object: KubeObject): void {
    if (object.kind === "Pod") this.#pods.refresh(trimmedPod(object));
    else if (object.kind === "PersistentVolumeClaim") this.#claims.refresh(this.#trimmed(object));
    else if (object.kind === realtimeClusters.kind)
      this.#clusters.refresh(object as RealtimeCluster).forEach(this.#options.onKey);
    else this.#children.remember(this.#trimmed(object));
  }

  /**
   * Sets the single objects on which this cluster depends, and the kinds that it needs and that are not installed. When
   * one of them changes, onKey is called with the cluster's key.
   */
  depend(clusterKey: string, named: readonly NamedObject[], missingKinds: readonly string[]): void {
    // An operator that is limited to some namespaces has no permission to read cluster-scoped objects.
    const isReadable = ({ resource }: NamedObject) => resource.namespaced || this.#options.namespaces.length === 0;
    this.#named.depend(clusterKey, named.filter(isReadable));
    this.#optional.miss(clusterKey, missingKinds);
  }

  /** Makes discovery run again. Call it when a write failed and the reason may be that its kind was removed. */
  rediscoverKinds(): void {
    this.#optional.rediscover();
  }

  view(named: NamedObject): ReturnType<NamedWatches["view"]> {
    return this.#named.view(named);
  }

  #clusterChanged(type: string, cluster: RealtimeCluster): void {
    const sharing = type === "deleted" ? this.#clusters.delete(cluster) : this.#clusters.put(cluster);
    this.#options.onKey(keyOf(cluster));
    sharing.forEach(this.#options.onKey);
  }

  #watchIndexed(
    resource: ChildResource,
    index: ChildIndex,
    keep: (object: KubeObject) => KubeObject,
    signal: AbortSignal,
  ): ListWatch[] {
    const { onKey } = this.#options;
    return this.#start(
      resource,
      {
        labelSelector: selectorText(managedBy),
        keep,
        onChange: ({ type, object, before }) => {
          // If the object's label now names another cluster, remove the object from the cluster that it named before.
          const left =
            before !== undefined && clusterKeyOf(before) !== clusterKeyOf(object) ? index.remove(before) : undefined;
          const key = type === "deleted" ? index.delete(object) : index.put(object);
          for (const changed of new Set([left, key])) if (changed !== undefined) onKey(changed);
        },
        onListed: (namespace, resourceVersion) =>
          index.listed(resource.kind, namespace, resourceVersion).forEach(onKey),
      },
      signal,
    );
  }

  #start(resource: ChildResource, { onListed, ...how }: StartOptions, signal: AbortSignal): ListWatch[] {
    const { kube, namespaces, logger, clock, random } = this.#options;
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    const callbacks = { onSynced: () => this.#settled(), onRefused: () => this.#settled() };
    return scopes.map((namespace) => {
      const scope = namespace === undefined ? {} : { namespace };
      const watch = new ListWatch({
        kube,
        resource,
        ...scope,
        ...how,
        ...callbacks,
        onListed: (resourceVersion) => onListed?.(namespace, resourceVersion),
        logger,
        clock,
        random,
      });
      void watch.run(signal);
      return watch;
    });
  }

  #require(watches: readonly ListWatch[]): void {
    const { namespaces } = this.#options;
    for (const [index, watch] of watches.entries()) this.#required.add(watch, namespaces[index]);
  }

  /** Adds each cluster to the queue when all its objects are in memory. Before that, no pass runs for it. */
  #settled(): void {
    for (const key of this.#clusters.keys) if (this.knows(key)) this.#options.onKey(key);
  }

  #tellAll(): void {
    for (const key of this.#clusters.keys) this.#options.onKey(key);
  }

  #watchNamed(named: NamedObject, onChange: () => void): { view(): ReturnType<NamedWatches["view"]>; stop(): void } {
    const { kube, logger, clock, random } = this.#options;
    const { resource, namespace, name } = named;
    const stop = new AbortController();
    const callbacks = { onChange, onSynced: onChange, onRefused: onChange };
    const watch = new ListWatch({
      kube,
      resource,
      ...(resource.namespaced ? { namespace } : {}),
      fieldSelector: `metadata.name=${name}`,
      keep: trimmedNamed,
      ...callbacks,
      logger,
      clock,
      random,
    });
    void watch.run(AbortSignal.any([this.#signal, stop.signal]));
    return {
      view: () => ({
        isSynced: watch.isSynced,
        object: watch.get(namespace, name),
        refusal: watch.isRefused ? watch.problem : undefined,
      }),
      stop: () => stop.abort(),
    };
  }
}

type StartOptions = Pick<ListWatchOptions, "labelSelector" | "keep" | "onChange"> & {
  onListed?: (namespace: string | undefined, resourceVersion: string) => void;
};
