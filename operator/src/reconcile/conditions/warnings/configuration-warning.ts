import type { Spec } from "../../../api/realtime-cluster.ts";
import { exposureProfile } from "../../../manifests/exposure/profiles.ts";
import { DRAIN_DELAY_SECONDS } from "../../../manifests/shared/env.ts";
import { isSmaller } from "../../../manifests/redis/redis-volume-claims.ts";
import { routeAdvice } from "../../../manifests/exposure/server-http-route.ts";
import type { Facts } from "../../facts/facts.ts";
import { no, yes, type ConditionFunction } from "../../findings.ts";
import { gatewayMemory, redisMemory } from "./memory.ts";
import { patchedLabel } from "./patched-label.ts";
import { plainHandler } from "./plain-handler.ts";
import { recoveryLog } from "./recovery-log.ts";
import { sharedHost } from "./shared-host.ts";
import { tlsSecret } from "./tls-secret.ts";
import { unlistedProxy } from "./unlisted-proxy.ts";
import type { Warning } from "./warning.ts";

/** The known risks of a valid spec. */
export function configurationWarnings(facts: Facts) {
  return [
    noAuthentication,
    anyOrigin,
    shortDrain,
    shortGrace,
    oneGateway,
    gatewayMemory,
    redisMemory,
    exposureAdvice,
    sharedHost,
    tlsSecret,
    unlistedProxy,
    recoveryLog,
    plainHandler,
    patchedLabel,
    claimCannotGrow,
  ].flatMap((warning) => warning(facts) ?? []);
}

/** Whether the spec has known risks. The message contains all warnings. */
export const configurationWarning: ConditionFunction = ({ facts }) => {
  const warnings = configurationWarnings(facts);
  const [first] = warnings;
  if (first === undefined) return no("NoWarnings", "the spec has no known risks");
  return yes(first.reason, warnings.map(({ message }) => message).join("; "));
};

const noAuthentication: Warning = ({ cluster: { spec } }) =>
  spec.auth.type === "None"
    ? { reason: "NoAuthentication", message: "spec.auth.type None lets everybody connect: use JWT in production" }
    : undefined;

const anyOrigin: Warning = ({ cluster: { spec } }) =>
  spec.origins.includes("*")
    ? {
        reason: "AnyOrigin",
        message:
          'spec.origins contains "*", so web pages of any site can connect with their visitors\' tokens: list your own origins',
      }
    : undefined;

/**
 * A pod with as many connections as one pod can have must be able to move all of them within the drain time. This
 * assumes that no other pod drains.
 */
const shortDrain: Warning = ({ cluster: { spec } }) => {
  if (spec.rollout.strategy === "AllAtOnce") return shortRollout(spec);
  const perPod = Math.ceil(spec.limits.maxConnections / Math.max(1, spec.autoscaling?.minReplicas ?? spec.replicas));
  const neededSeconds = Math.ceil(perPod / spec.drain.connectionsPerSecond);
  if (neededSeconds <= spec.drain.timeoutSeconds) return undefined;
  return {
    reason: "DrainTooShort",
    message: `a full pod has ${perPod} connections and needs ${neededSeconds} s to move them at spec.drain.connectionsPerSecond ${spec.drain.connectionsPerSecond}, but spec.drain.timeoutSeconds is ${spec.drain.timeoutSeconds}: the remaining connections are then closed at once`,
  };
};

/**
 * With AllAtOnce, all pods drain at once. So the cluster must be able to move maxConnections connections within one
 * drain time.
 */
function shortRollout({ limits, drain }: Spec): ReturnType<Warning> {
  const neededSeconds = DRAIN_DELAY_SECONDS + Math.ceil(limits.maxConnections / drain.connectionsPerSecond);
  if (neededSeconds <= drain.timeoutSeconds) return undefined;
  return {
    reason: "DrainTooShort",
    message: `with spec.rollout.strategy AllAtOnce a full cluster has ${limits.maxConnections} connections and needs ${neededSeconds} s to move them at spec.drain.connectionsPerSecond ${drain.connectionsPerSecond}, but spec.drain.timeoutSeconds is ${drain.timeoutSeconds}: the remaining connections are then closed at once`,
  };
}

/**
 * The operator chooses a grace period that is longer than the drain, but spec.podPatch may change it. The schema does
 * not validate patches, so the value may have any type.
 */
const shortGrace: Warning = ({ cluster: { spec } }) => {
  const grace = (spec.podPatch as { spec?: { terminationGracePeriodSeconds?: unknown } | null } | undefined)?.spec
    ?.terminationGracePeriodSeconds;
  if (typeof grace !== "number" || grace >= spec.drain.timeoutSeconds) return undefined;
  return {
    reason: "GracePeriodTooShort",
    message: `spec.podPatch sets terminationGracePeriodSeconds ${grace}, and spec.drain.timeoutSeconds is ${spec.drain.timeoutSeconds}: Kubernetes kills a pod before it has moved its connections; lower spec.drain.timeoutSeconds`,
  };
};

const oneGateway: Warning = ({ cluster: { spec } }) =>
  spec.autoscaling === undefined && spec.replicas === 1 && spec.redis.type !== "None"
    ? {
        reason: "SingleGateway",
        message: "with spec.replicas 1 no client is connected while the pod moves to another node: use 2",
      }
    : undefined;

const exposureAdvice: Warning = ({ cluster, routeRuleFields }) => {
  const advice = exposureProfile(cluster).advice ?? routeAdvice(cluster, routeRuleFields);
  return advice === undefined ? undefined : { reason: "ExposureAdvice", message: advice };
};

const claimCannotGrow: Warning = ({ claims, refusedGrowth }) => {
  const refused = claims.flatMap((claim) => {
    const { storage, message } = refusedGrowth.get(claim.metadata.uid ?? "") ?? {};
    return storage !== undefined && isSmaller(claim, storage) ? [{ storage, message }] : [];
  })[0];
  return refused === undefined
    ? undefined
    : {
        reason: "StorageResizeRefused",
        message: `spec.redis.managed.storage ${refused.storage}: the volume could not be resized (${refused.message})`,
      };
};
