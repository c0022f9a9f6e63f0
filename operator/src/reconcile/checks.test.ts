import { expect, test } from "@jest/globals";
import type { KubeObject } from "../api/kube-object.ts";
import { labelsOf } from "../manifests/shared/labels.ts";
import { clusterWith, emptyFacts, healthyFacts, withChild } from "../../test/reconcile/build.ts";
import { check } from "./checks.ts";
import { desired } from "./desired.ts";
import { inputsOf } from "./inputs-of.ts";
import type { Facts, SecretFact } from "./facts/facts.ts";
import type { ProblemReason } from "./problems.ts";

const jwt = (fact: SecretFact): Partial<Facts> => ({ secrets: new Map([["apps/chat-jwt", fact]]) });
const holding = (key: string, bytes: number): SecretFact => ({
  state: "present",
  keys: new Map([[key, { bytes, hash: "b" }]]),
});
const owned = (kind: string, name: string, controller: object): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: {
    name,
    namespace: "apps",
    uid: "x",
    labels: labelsOf(clusterWith(), "server"),
    ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: "x", controller: true, ...controller }],
  },
});
const withChildNamed = (child: KubeObject): Facts => {
  const healthy = healthyFacts();
  return { ...healthy, children: [...healthy.children, child] };
};
const inPlaceOf = (kind: string, controller: object, metadata: object = {}): Facts => {
  const replaced = (child: KubeObject): KubeObject => {
    const other = owned(child.kind, child.metadata.name, controller);
    return { ...other, metadata: { ...other.metadata, ...metadata } };
  };
  return withChild(healthyFacts(), kind, replaced, "chat-server");
};
const foreignIngress = { kind: "Ingress", name: "chat-server", owner: "it belongs to Deployment web" };

const cases: { when: string; facts: Facts; want: { reason: ProblemReason; message: string } | undefined }[] = [
  { when: "nothing is wrong", facts: healthyFacts(), want: undefined },
  { when: "no object exists yet", facts: emptyFacts(), want: undefined },
  {
    when: "a Secret is missing",
    facts: emptyFacts(jwt({ state: "missing" })),
    want: {
      reason: "SecretMissing",
      message: "spec.auth.jwt.secret.name: there is no Secret chat-jwt in this namespace: create it, or name another",
    },
  },
  {
    when: "a Secret may not be read",
    facts: emptyFacts(jwt({ state: "unreadable", reason: "not allowed to list secrets" })),
    want: {
      reason: "SecretUnreadable",
      message:
        "spec.auth.jwt.secret.name: Secret chat-jwt cannot be read (not allowed to list secrets): let the operator's ServiceAccount get and watch it",
    },
  },
  {
    when: "a Secret lacks the key",
    facts: emptyFacts(jwt(holding("other", 32))),
    want: {
      reason: "SecretKeyMissing",
      message: "spec.auth.jwt.secret.key: Secret chat-jwt has no key secret: add it, or name one of its keys",
    },
  },
  {
    when: "a Secret has no keys at all",
    facts: emptyFacts(jwt({ state: "present", keys: new Map() })),
    want: {
      reason: "SecretKeyMissing",
      message: "spec.auth.jwt.secret.key: Secret chat-jwt has no key secret: add it, or name one of its keys",
    },
  },
  {
    when: "the key is one byte too short",
    facts: emptyFacts(jwt(holding("secret", 31))),
    want: {
      reason: "SecretTooShort",
      message:
        "spec.auth.jwt.secret: key secret of Secret chat-jwt has 31 bytes, and at least 32 are needed: openssl rand -hex 32 generates such a key",
    },
  },
  {
    when: "gateways refuse the key",
    facts: emptyFacts(
      jwt({
        state: "present",
        keys: new Map([["secret", { bytes: 40, hash: "b", weakness: "repeats a few characters" }]]),
      }),
    ),
    want: {
      reason: "SecretWeak",
      message:
        "spec.auth.jwt.secret: key secret of Secret chat-jwt repeats a few characters, and gateways refuse it: openssl rand -hex 32 generates such a key",
    },
  },
  {
    when: "the URL of Redis would be weak as a key, but is none",
    facts: emptyFacts({
      cluster: clusterWith({ redis: { type: "External", external: { urlSecret: { name: "r" } } } }),
      secrets: new Map([
        ["apps/chat-jwt", holding("secret", 32)],
        ["apps/r", { state: "present", keys: new Map([["url", { bytes: 14, hash: "b", weakness: "has 14 bytes" }]]) }],
      ]),
    }),
    want: undefined,
  },
  {
    when: "the URL of Redis is empty",
    facts: emptyFacts({
      cluster: clusterWith({ redis: { type: "External", external: { urlSecret: { name: "r" } } } }),
      secrets: new Map([
        ["apps/chat-jwt", holding("secret", 32)],
        ["apps/r", holding("url", 0)],
      ]),
    }),
    want: {
      reason: "SecretTooShort",
      message:
        "spec.redis.external.urlSecret: key url of Secret r has 0 bytes, and at least 1 are needed: put the URL of your Redis there",
    },
  },
  {
    when: "the Secret of a client certificate for Redis has no key",
    facts: emptyFacts({
      cluster: clusterWith({
        redis: {
          type: "External",
          external: { urlSecret: { name: "r" }, tls: { clientSecret: { name: "client" } } },
        },
      }),
      secrets: new Map([
        ["apps/chat-jwt", holding("secret", 32)],
        ["apps/r", holding("url", 20)],
        ["apps/client", holding("tls.crt", 20)],
      ]),
    }),
    want: {
      reason: "SecretKeyMissing",
      message: "spec.redis.external.tls.clientSecret: Secret client has no key tls.key: add it, or name another Secret",
    },
  },
  {
    when: "a foreign object has a wanted name",
    facts: emptyFacts({ foreign: [foreignIngress] }),
    want: {
      reason: "NameTaken",
      message:
        "Ingress chat-server exists and does not belong to this cluster (it belongs to Deployment web): delete or rename it, or rename cluster chat",
    },
  },
  {
    when: "a foreign object has a name that is no longer wanted",
    facts: emptyFacts({ cluster: clusterWith({ exposure: { type: "None" } }), foreign: [foreignIngress] }),
    want: undefined,
  },
  {
    when: "another owner took over a child",
    facts: inPlaceOf("Deployment", { kind: "Fleet", name: "rival" }),
    want: {
      reason: "NameTaken",
      message:
        "Deployment chat-server exists and does not belong to this cluster (it belongs to Fleet rival): delete or rename it, or rename cluster chat",
    },
  },
  {
    when: "KEDA's own autoscaler carries our labels",
    facts: withChildNamed(
      owned("HorizontalPodAutoscaler", "keda-hpa-chat-server", {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        name: "chat-server",
      }),
    ),
    want: undefined,
  },
  {
    when: "children of a deleted cluster of that name remain",
    facts: inPlaceOf("Deployment", { kind: "RealtimeCluster", name: "chat", uid: "former" }),
    want: {
      reason: "WaitingForGarbageCollection",
      message: "Deployment chat-server belongs to a deleted cluster of this name, and Kubernetes is about to delete it",
    },
  },
  {
    when: "a finalizer keeps a child of a deleted cluster of that name",
    facts: inPlaceOf(
      "Deployment",
      { kind: "RealtimeCluster", name: "chat", uid: "former" },
      {
        deletionTimestamp: "2026-11-25T12:00:00Z",
        finalizers: ["example.com/hold"],
      },
    ),
    want: {
      reason: "WaitingForGarbageCollection",
      message:
        "Deployment chat-server belongs to a deleted cluster of this name, and Kubernetes cannot delete it before its finalizer example.com/hold is removed: if the program of this finalizer no longer runs, remove the finalizer",
    },
  },
  {
    when: "several things are wrong: the taken name comes first",
    facts: emptyFacts({ foreign: [foreignIngress], ...jwt({ state: "missing" }) }),
    want: { reason: "NameTaken", message: expect.stringContaining("Ingress") as unknown as string },
  },
];

test.each(cases)("$when", ({ facts, want }) => {
  expect(check(facts, desired(facts.cluster, inputsOf(facts)))).toEqual(want);
});
