import { healthyFacts, withChild } from "../../../test/reconcile/build.ts";
import {
  testCondition,
  found,
  healthy,
  withStatus,
  kedaSpec,
  hpaSpec,
} from "../../../test/reconcile/condition-cases.ts";

testCondition("AutoscalingActive", [
  [
    "its conditions are null",
    found(withChild(healthy(hpaSpec), "HorizontalPodAutoscaler", withStatus({ conditions: null }))),
    "Unknown NotReported",
  ],
  ["none is wanted", found(healthyFacts()), "False Disabled"],
  ["KEDA is not installed", found(healthy(kedaSpec)), "False CRDNotInstalled"],
  ["it has not reported", found(healthy(hpaSpec)), "Unknown NotReported"],
  [
    "it works",
    found(
      withChild(
        healthy(hpaSpec),
        "HorizontalPodAutoscaler",
        withStatus({ conditions: [{ type: "ScalingActive", status: "True" }] }),
      ),
    ),
    "True Active",
  ],
  [
    "it gets no metrics",
    found(
      withChild(
        healthy(hpaSpec),
        "HorizontalPodAutoscaler",
        withStatus({
          conditions: [
            { type: "ScalingActive", status: "False", reason: "FailedGetPodsMetric", message: "no metrics" },
          ],
        }),
      ),
    ),
    "False FailedGetPodsMetric",
    "HorizontalPodAutoscaler: no metrics",
  ],
  [
    "KEDA has not looked at it",
    found(
      withChild(
        healthy(kedaSpec, { installed: new Set(["scaledobjects.keda.sh"]) }),
        "ScaledObject",
        withStatus({ conditions: [{ type: "Ready", status: "Unknown" }] }),
      ),
    ),
    "Unknown NotReported",
    "the ScaledObject has not reported its state yet",
  ],
  [
    "KEDA works",
    found(
      withChild(
        healthy(kedaSpec, { installed: new Set(["scaledobjects.keda.sh"]) }),
        "ScaledObject",
        withStatus({ conditions: [{ type: "Ready", status: "True" }] }),
      ),
    ),
    "True Active",
  ],
]);
