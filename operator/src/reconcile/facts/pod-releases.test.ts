import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../api/kube-object.ts";
import { defaultImageAnnotation, templateAnnotation, templateVersions } from "../../manifests/shared/pod-release.ts";
import { clusterWith, emptyFacts, healthyFacts, uid, withChild } from "../../../test/reconcile/build.ts";
import type { Facts } from "./facts.ts";
import { inputsOf } from "../inputs-of.ts";
import { podReleases } from "./pod-releases.ts";

const { newest } = templateVersions.gateway;
const next = {
  images: { gateway: "gateway:next", redis: "redis:next" },
  upgrade: "Manual" as const,
  operatorNamespace: "realtime-system",
};
const annotated =
  (annotations: Record<string, string>, image = "gateway:run") =>
  (child: KubeObject): KubeObject => ({
    ...child,
    metadata: { ...child.metadata, annotations },
    spec: {
      template: {
        spec: {
          containers: [
            { name: "gateway", image },
            { name: "sidecar", image: "sidecar:1" },
          ],
        },
      },
    },
  });
const written = (template: number | string, image?: string) => ({
  [templateAnnotation]: String(template),
  ...(image === undefined ? {} : { [defaultImageAnnotation]: image }),
});
const standing = (spec: object, annotations: Record<string, string>, image?: string): Facts =>
  withChild(healthyFacts({ cluster: clusterWith(spec), release: next }), "Deployment", annotated(annotations, image));

describe("gateways", () => {
  test.each([
    {
      when: "that do not exist begin with the newest",
      facts: emptyFacts({ release: next }),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "stay with the image their Deployment remembers",
      facts: standing({}, written(newest, "gateway:old")),
      want: { template: newest, image: "gateway:old" },
    },
    {
      when: "stay with it when a patch has them run another",
      facts: standing({}, written(newest, "gateway:old"), "gateway:patched"),
      want: { template: newest, image: "gateway:old" },
    },
    {
      when: "stay with what they run when nothing is remembered",
      facts: standing({}, {}),
      want: { template: newest, image: "gateway:run" },
    },
    {
      when: "stay with what they run when only the image is remembered, and badly",
      facts: standing({}, { [defaultImageAnnotation]: "a b" }),
      want: { template: newest, image: "gateway:run" },
    },
    {
      when: "get the newest image when their own is not named any more",
      facts: standing({}, written(newest)),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest image when the remembered one is none",
      facts: standing({}, written(newest, "")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of a template that is no longer written get the newest of both",
      facts: standing({}, written(0, "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of a template that a newer operator wrote get the newest of both",
      facts: standing({}, written(newest + 1, "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of a template that is no number get the newest of both",
      facts: standing({}, written("x", "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of an image that is named keep nothing back",
      facts: standing({ image: "gateway:mine" }, written(newest)),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of a cluster that follows get the newest",
      facts: standing({ upgrade: "Automatic" }, written(newest, "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of a cluster that says nothing follow where the operator says so",
      facts: { ...standing({}, written(newest, "gateway:old")), release: { ...next, upgrade: "Automatic" as const } },
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "of a cluster that stays stay whatever the operator says",
      facts: {
        ...standing({ upgrade: "Manual" }, written(newest, "gateway:old")),
        release: { ...next, upgrade: "Automatic" as const },
      },
      want: { template: newest, image: "gateway:old" },
    },
  ])("$when", ({ facts, want }) => {
    expect(inputsOf(facts).releases.gateway).toEqual(want);
  });
});

test("Redis stays with its own image, apart from the gateways", () => {
  const facts = healthyFacts({ release: next });
  const redis = withChild(facts, "StatefulSet", (child) => ({
    ...child,
    metadata: { ...child.metadata, annotations: written(templateVersions.redis.newest, "redis:old") },
  }));
  expect(podReleases(withChild(redis, "Deployment", undefined))).toMatchObject({
    redis: { wanted: { image: "redis:old" } },
    gateway: { wanted: { image: "gateway:next" } },
  });
});

test("a Deployment that is nobody's any more is remembered by, one of a former cluster of the name is not", () => {
  const owned = (ownerReferences: NonNullable<KubeObject["metadata"]["ownerReferences"]>) => {
    const facts = withChild(healthyFacts({ release: next }), "Deployment", annotated(written(newest, "gateway:old")));
    return podReleases(
      withChild(facts, "Deployment", (child) => ({ ...child, metadata: { ...child.metadata, ownerReferences } })),
    ).gateway.wanted.image;
  };
  const owner = { apiVersion: "realtime.dev/v1beta1", kind: "RealtimeCluster", name: "chat", controller: true };
  expect({
    nobodys: owned([]),
    ours: owned([{ ...owner, uid }]),
    former: owned([{ ...owner, uid: "former" }]),
  }).toEqual({ nobodys: "gateway:old", ours: "gateway:old", former: "gateway:next" });
});
