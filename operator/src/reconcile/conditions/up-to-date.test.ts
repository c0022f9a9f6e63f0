import { emptyFacts, healthyFacts } from "../../../test/reconcile/build.ts";
import { testCondition, found, healthy, nextRelease } from "../../../test/reconcile/condition-cases.ts";

testCondition("UpToDate", [
  ["pods are of the operator's release", found(healthyFacts()), "True UpToDate"],
  ["nothing is there", found(emptyFacts()), "Unknown NotFound"],
  [
    "the operator is of another release",
    found({ ...healthyFacts(), release: nextRelease }),
    "False UpgradePending",
    "gateways stay with registry.example.com/gateway:1, and gateway:2 waits; Redis stays with registry.example.com/redis:7, and redis:8 waits: spec.upgrade Automatic takes it",
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
    "gateways stay with registry.example.com/gateway:1, and gateway:2 waits; Redis stays with registry.example.com/redis:7, and redis:8 waits: it comes when nothing is in the way any more",
  ],
]);
