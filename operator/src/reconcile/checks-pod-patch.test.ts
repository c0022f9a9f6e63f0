import { expect, test } from "@jest/globals";
import { clusterWith, emptyFacts } from "../../test/reconcile/build.ts";
import { check } from "./checks.ts";
import { desired } from "./desired.ts";
import { inputsOf } from "./inputs-of.ts";

test.each([
  {
    when: "the pod patch removes the gateway",
    facts: emptyFacts({
      cluster: clusterWith({ podPatch: { spec: { containers: [{ name: "gateway", $patch: "delete" }] } } }),
    }),
    want: {
      reason: "InvalidPodPatch",
      message: "spec.podPatch removes the container gateway or its image: keep both, spec.image chooses the image",
    },
  },
  {
    when: "the pod patch removes all containers",
    facts: emptyFacts({ cluster: clusterWith({ podPatch: { spec: { containers: [{ $patch: "replace" }, null] } } }) }),
    want: {
      reason: "InvalidPodPatch",
      message: "spec.podPatch removes the container gateway or its image: keep both, spec.image chooses the image",
    },
  },
  {
    when: "the pod patch misspells the gateway's container",
    facts: emptyFacts({
      cluster: clusterWith({ podPatch: { spec: { containers: [{ name: "gatway", env: [] }] } } }),
    }),
    want: {
      reason: "InvalidPodPatch",
      message:
        "spec.podPatch adds the container gatway without an image: the operator's own container is called gateway, and another container needs an image",
    },
  },
  {
    when: "the pod patch misspells a quantity",
    facts: emptyFacts({
      cluster: clusterWith({
        podPatch: { spec: { containers: [{ name: "gateway", resources: { limits: { memory: "1Gb" } } }] } },
      }),
    }),
    want: {
      reason: "InvalidPodPatch",
      message:
        "spec.podPatch: resources.limits.memory of the container gateway is 1Gb: write a quantity such as 500m, 512Mi or 1Gi",
    },
  },
  {
    when: "the pod patch of Redis removes Redis",
    facts: emptyFacts({
      cluster: clusterWith({
        redis: {
          type: "Managed",
          managed: { podPatch: { spec: { containers: [{ name: "redis", $patch: "delete" }] } } },
        },
      }),
    }),
    want: {
      reason: "InvalidPodPatch",
      message:
        "spec.redis.managed.podPatch removes the container redis or its image: keep both, spec.redis.managed.image chooses the image",
    },
  },
])("finds the problem when $when", ({ facts, want }) => {
  expect(check(facts, desired(facts.cluster, inputsOf(facts)))).toEqual(want);
});
