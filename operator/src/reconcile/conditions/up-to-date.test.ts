import { emptyFacts, healthyFacts } from "../../../test/reconcile/build.ts";
import { testCondition, found, healthy, nextRelease } from "../../../test/reconcile/condition-cases.ts";

testCondition("UpToDate", [
  ["all pods have the images and pod templates of the operator's release", found(healthyFacts()), "True UpToDate"],
  ["nothing is there", found(emptyFacts()), "Unknown NotFound"],
  [
    "the operator is of another release",
    found({ ...healthyFacts(), release: nextRelease }),
    "False UpgradePending",
    "gateways still have image registry.example.com/gateway:1 instead of gateway:2; Redis still has image registry.example.com/redis:7 instead of redis:8: set spec.upgrade to Automatic to upgrade",
  ],
  [
    "the image is named: there is nothing to wait for",
    found({
      ...healthy({ image: "gateway:mine" }),
      release: { ...nextRelease, images: { ...nextRelease.images, redis: "registry.example.com/redis:7" } },
    }),
    "True UpToDate",
  ],
  [
    "the cluster upgrades automatically and is paused",
    found({ ...healthy({ upgrade: "Automatic", paused: true }), release: nextRelease }),
    "False UpgradePending",
    "gateways still have image registry.example.com/gateway:1 instead of gateway:2; Redis still has image registry.example.com/redis:7 instead of redis:8: the upgrade starts when no problem blocks it any more: see the condition Ready",
  ],
]);
