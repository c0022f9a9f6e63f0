import { describe, expect, test } from "@jest/globals";
import { type KubeObject, textOf } from "../api/kube-object.ts";
import { resources } from "../api/resources.ts";
import { clusterWith, healthyFacts, podWith, withChild } from "../../test/reconcile/build.ts";
import { desired } from "./desired.ts";
import type { Facts } from "./facts/facts.ts";
import { inputsOf } from "./inputs-of.ts";
import { plan, type Step } from "./plan.ts";
import { optionalName } from "../watches/optional-kinds.ts";

const planOf = (facts: Facts) => plan(desired(facts.cluster, inputsOf(facts)), facts);
const stepsOf = (facts: Facts) => planOf(facts).steps.map(textOfStep);

function textOfStep(step: Step): string {
  const object = "child" in step ? step.child : step.type === "grow" ? step.claim : step.manifest;
  return `${step.type}${"isNew" in step && step.isNew ? " new" : ""} ${textOf(object)}`;
}

const edited = (child: KubeObject): KubeObject => ({ ...child, metadata: { ...child.metadata, managedFields: [] } });

describe("a Redis that the spec no longer wants", () => {
  const external = clusterWith({ redis: { type: "External", external: { urlSecret: { name: "r" } } } });
  const redisOf = ({ children }: Facts) => children.filter(({ metadata }) => metadata.name.startsWith("chat-redis"));
  /** A cluster that is in sync, except for the objects of a managed Redis that its spec no longer has. */
  const moved = (change: Parameters<typeof healthyFacts>[0] = {}): Facts => {
    const facts = healthyFacts({ cluster: external, ...change });
    return { ...facts, children: [...facts.children, ...redisOf(healthyFacts())] };
  };
  const removals = redisOf(healthyFacts()).map((child) => `remove ${textOf(child)}`);

  test("stays while the gateways' Deployment is being changed", () => {
    const facts = withChild(moved(), "Deployment", edited);
    expect(stepsOf(facts)).toEqual(["apply Deployment chat-server"]);
    expect(planOf(facts).later.map(textOfStep)).toEqual(removals);
  });

  test.each([
    {
      when: "the first pod for the new Redis is not ready",
      facts: moved({ deployment: { replicas: 3, updatedReplicas: 1 } }),
    },
    {
      when: "the Deployment's controller has not seen its newest spec",
      facts: moved({ deployment: { observedGeneration: 0 } }),
    },
    {
      when: "a gateway that uses it is draining",
      facts: moved({ pods: [podWith("a", { metadata: { deletionTimestamp: "x" } })] }),
    },
  ])("stays while $when", ({ facts }) => {
    expect(stepsOf(facts)).toEqual([]);
  });

  test("is removed when no gateway uses it any more", () => {
    expect(removals).toHaveLength(5);
    expect(stepsOf(moved())).toEqual(removals);
  });
});

describe("an Ingress that an HTTPRoute replaces", () => {
  const gateway = clusterWith({
    exposure: { type: "Gateway", host: "chat.example.com", gateway: { parentRefs: [{ name: "edge" }] } },
  });
  const [ingress] = healthyFacts().children.filter(({ kind }) => kind === "Ingress");
  const facts = (installed: string[], status: object = {}): Facts => {
    const before = healthyFacts({ cluster: gateway, installed: new Set(installed) });
    return {
      ...before,
      children: [
        ...before.children.map((child) => (child.kind === "HTTPRoute" ? { ...child, status } : child)),
        ingress!,
      ],
    };
  };
  const withoutKind = (): Facts => {
    const before = facts([]);
    return { ...before, children: before.children.filter(({ kind }) => kind !== "HTTPRoute") };
  };
  const installed = [optionalName(resources.httpRoutes)];
  const said = (status: "True" | "False") => ({
    parents: [{ parentRef: { name: "edge" }, conditions: [{ type: "Accepted", status }] }],
  });

  test.each([
    { when: "stays while HTTPRoute is not installed", given: withoutKind(), want: [] },
    { when: "stays while no Gateway has reported on the route", given: facts(installed), want: [] },
    { when: "stays while the Gateway refuses the route", given: facts(installed, said("False")), want: [] },
    {
      when: "is removed when a Gateway has accepted the route",
      given: facts(installed, said("True")),
      want: ["remove Ingress chat-server"],
    },
  ])("$when", ({ given, want }) => {
    expect(stepsOf(given)).toEqual(want);
    expect(planOf(given).later.map(textOfStep)).toEqual(want.length > 0 ? [] : ["remove Ingress chat-server"]);
  });
});
