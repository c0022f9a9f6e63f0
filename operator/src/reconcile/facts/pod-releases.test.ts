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
const existing = (spec: object, annotations: Record<string, string>, image?: string): Facts =>
  withChild(healthyFacts({ cluster: clusterWith(spec), release: next }), "Deployment", annotated(annotations, image));

describe("gateways", () => {
  test.each([
    {
      when: "get the newest release when they are new",
      facts: emptyFacts({ release: next }),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "stay with the image in their Deployment's annotation",
      facts: existing({}, written(newest, "gateway:old")),
      want: { template: newest, image: "gateway:old" },
    },
    {
      when: "stay with that image when a patch runs another",
      facts: existing({}, written(newest, "gateway:old"), "gateway:patched"),
      want: { template: newest, image: "gateway:old" },
    },
    {
      when: "stay with the running image when there is no annotation",
      facts: existing({}, {}),
      want: { template: newest, image: "gateway:run" },
    },
    {
      when: "stay with the running image when the only annotation is an invalid image",
      facts: existing({}, { [defaultImageAnnotation]: "a b" }),
      want: { template: newest, image: "gateway:run" },
    },
    {
      when: "get the newest image when the spec no longer names one",
      facts: existing({}, written(newest)),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest image when the image annotation is invalid",
      facts: existing({}, written(newest, "")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest release when their template is no longer supported",
      facts: existing({}, written(0, "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest release when a newer operator wrote their template",
      facts: existing({}, written(newest + 1, "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest release when the template annotation is no number",
      facts: existing({}, written("x", "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "have no pending upgrade when the spec names the image",
      facts: existing({ image: "gateway:mine" }, written(newest)),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest release when spec.upgrade is Automatic",
      facts: existing({ upgrade: "Automatic" }, written(newest, "gateway:old")),
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "get the newest release when only the operator says Automatic",
      facts: { ...existing({}, written(newest, "gateway:old")), release: { ...next, upgrade: "Automatic" as const } },
      want: { template: newest, image: "gateway:next" },
    },
    {
      when: "stay when spec.upgrade is Manual and the operator says Automatic",
      facts: {
        ...existing({ upgrade: "Manual" }, written(newest, "gateway:old")),
        release: { ...next, upgrade: "Automatic" as const },
      },
      want: { template: newest, image: "gateway:old" },
    },
  ])("$when", ({ facts, want }) => {
    expect(inputsOf(facts).releases.gateway).toEqual(want);
  });
});

test("Redis stays with its own image independently of the gateways", () => {
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

test("uses the annotations of a Deployment without owner, but not those of a former cluster's", () => {
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
