import { createHash } from "node:crypto";
import type { KubeObject } from "../api/kube-object.ts";
import type { RealtimeCluster } from "../api/realtime-cluster.ts";
import type { EnvironmentVariable } from "../manifests/shared/env.ts";
import { authKeys } from "../manifests/auth-secret.ts";
import { namesOf } from "../manifests/shared/names.ts";
import { liveConfig, type LiveConfig } from "../manifests/shared/live-config.ts";
import { stableJson } from "../manifests/shared/stable-hash.ts";
import { desired } from "../reconcile/desired.ts";
import type { Facts } from "../reconcile/facts/facts.ts";
import { inputsOf } from "../reconcile/inputs-of.ts";

/**
 * `realtime dev` starts at most this many gateways. More gateways on one machine would show the developer nothing new.
 */
export const MAX_GATEWAYS = 5;

/** What `realtime dev` runs for a cluster. */
export interface DevPlan {
  name: string;
  gateways: number;
  /** The environment of the gateway container, as in the pod template. */
  environment: readonly EnvironmentVariable[];
  live: Omit<LiveConfig, "generation">;
  /** Hash of the gateways' pod template. When it changes, the operator on Kubernetes would replace the pods. */
  templateHash: string;
  redis: RealtimeCluster["spec"]["redis"]["type"];
  drainTimeoutSeconds: number;
  /** One line for each field of the spec that works differently in `realtime dev`. */
  notes: readonly string[];
}

export interface PlanOptions {
  /** The entries of spec.handlers, with the URLs that gateways use on this machine. */
  handlers: RealtimeCluster["spec"]["handlers"];
  /** Name of the file of `--handlers`. */
  handlersFile: string | undefined;
}

/** Computes the same manifests as `realtime render`. Takes from them what local processes need. */
export function devPlan(facts: Facts, { handlers, handlersFile }: PlanOptions): DevPlan {
  const { cluster } = facts;
  const { spec } = cluster;
  const inputs = inputsOf(facts);
  const deployment = desired(cluster, inputs).find(({ kind }) => kind === "Deployment")!;
  const template = (deployment["spec"] as { template: PodTemplate }).template;
  const gateway = template.spec.containers.find(({ name }) => name === "gateway")!;
  const wanted = spec.redis.type === "None" ? 1 : Math.max(1, spec.replicas);
  const local = { ...cluster, spec: { ...spec, handlers } };
  const { generation: _generation, ...live } = liveConfig(local, 1, inputs.releases.gateway.template);
  return {
    name: cluster.metadata.name,
    gateways: Math.min(wanted, MAX_GATEWAYS),
    environment: gateway.env,
    // Allow all origins: a page on a development server has an origin that no list for production contains.
    live: { ...live, origins: ["*"] },
    templateHash: createHash("sha256").update(stableJson(template)).digest("hex"),
    redis: spec.redis.type,
    drainTimeoutSeconds: spec.drain.timeoutSeconds,
    notes: notesOn(cluster, wanted, handlersFile),
  };
}

interface PodTemplate extends Pick<KubeObject, "metadata"> {
  spec: { containers: { name: string; env: EnvironmentVariable[] }[] };
}

function notesOn({ spec, metadata }: RealtimeCluster, wanted: number, handlersFile: string | undefined): string[] {
  const notes = ["spec.origins: pages of every origin may connect"];
  if (wanted > MAX_GATEWAYS) notes.push(`spec.replicas: ${MAX_GATEWAYS} gateways instead of ${wanted}`);
  if (spec.exposure.type !== "None") notes.push("spec.exposure: clients connect to the URL above");
  if (spec.autoscaling !== undefined) notes.push("spec.autoscaling: the keys s and S change the number of gateways");
  const key = `.realtime/secrets/${namesOf({ metadata }).auth}/${authKeys.handlerSecret}`;
  if (handlersFile !== undefined) notes.push(`spec.handlers: ${handlersFile} answers, and no Service or other URL`);
  else if (spec.handlers.length > 0)
    notes.push(`spec.handlers: Services are on localhost; HANDLER_SECRET is in ${key}`);
  if (spec.image !== "") notes.push("spec.image: the gateway of this release is used");
  if (spec.redis.type === "External") notes.push("spec.redis.external: a local Redis, or the one of --redis-url");
  if ((spec.redis.managed?.replicas ?? 1) > 1) notes.push("spec.redis.managed.replicas: one local Redis");
  return notes;
}
