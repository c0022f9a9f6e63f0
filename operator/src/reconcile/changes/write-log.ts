import { textOf, type KubeObject } from "../../api/kube-object.ts";
import { stableHash } from "../../manifests/shared/stable-hash.ts";
import type { Logger } from "../../kube/logger.ts";
import type { Facts } from "../facts/facts.ts";
import type { Step } from "../plan.ts";
import type { SpecEdit } from "./spec-edit.ts";

export interface WriteLogDeps {
  logger: Logger;
  /** The edit whose writes have not all succeeded yet. */
  edit: SpecEdit | undefined;
}

/** Logs one line for one write of the operator: the object, what was done, and why. */
export function logWrite(
  step: Step,
  answer: KubeObject | undefined,
  { cluster, children }: Facts,
  { logger, edit }: WriteLogDeps,
): void {
  const { namespace, name, generation } = cluster.metadata;
  const about = { cluster: `${namespace}/${name}`, generation };
  if (step.type === "grow")
    return logger.info({ ...about, object: textOf(step.claim), storage: step.storage }, "volume claim enlarged");
  if (step.type === "remove")
    return logger.info({ ...about, object: textOf(step.child), why: "the spec no longer needs it" }, "object deleted");
  if (step.type === "strip")
    return logger.info({ ...about, object: textOf(step.child), ...step.stale }, "old labels and annotations removed");
  const object = textOf(step.manifest);
  if (step.isNew) return logger.info({ ...about, object, why: whyNew(edit) }, "object created");
  if (step.type === "apply" && step.wasApplied === true)
    return logger.info({ ...about, object, why: "another program or user changed it" }, "object restored");
  const before = children.find((child) => textOf(child) === object);
  const why = edit === undefined ? "an autoscaler, a Secret, a volume or the operator's release changed" : "spec";
  logger.info({ ...about, object, why, ...podsOf(before, answer) }, "object updated");
}

function whyNew(edit: SpecEdit | undefined): string {
  return edit === undefined ? "it did not exist" : "spec";
}

/** For a workload: whether the write replaces its pods. The watch keeps only the hash of the earlier template. */
function podsOf(before: KubeObject | undefined, after: KubeObject | undefined): { replacesPods?: boolean } {
  const { templateHash } = (before?.["spec"] ?? {}) as { templateHash?: string };
  const { template } = (after?.["spec"] ?? {}) as { template?: object };
  if (templateHash === undefined || template === undefined) return {};
  return { replacesPods: templateHash !== stableHash(template) };
}
