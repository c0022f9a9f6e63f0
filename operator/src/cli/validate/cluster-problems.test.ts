import { expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { badSpecs } from "../../../test/crd/bad-specs.ts";
import { goodClientSpecs } from "../../../test/crd/good-client-specs.ts";
import { goodHandlerSpecs } from "../../../test/crd/handler-specs.ts";
import { goldenCases } from "../../../test/manifests/golden-case.ts";
import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { JsonSchema } from "../../api/json-schema.ts";
import type { KubeObject } from "../../api/kube-object.ts";
import { clusterProblems } from "./cluster-problems.ts";
import { readDocuments } from "./documents.ts";

const clusterOf = (spec: unknown, more: object = {}) =>
  ({
    apiVersion: "realtime.dev/v1beta1",
    kind: "RealtimeCluster",
    metadata: { name: "chat" },
    spec,
    ...more,
  }) as unknown as KubeObject;
const jwt = { auth: { jwt: { secret: { name: "chat-jwt" } } } };

// crd/refused.integration.test.ts checks the same specs on a real API server.
test.each(badSpecs)("$when is refused without an API server as well, at the same field", ({ spec, want }) => {
  const [problem = ""] = clusterProblems(clusterOf({ ...jwt, ...spec }));
  const [, path = ""] = /unknown field "(.*)"/.exec(want) ?? /^(spec[^:]*):/.exec(want) ?? [];
  expect(path).not.toBe("");
  expect(problem.slice(0, problem.indexOf(": "))).toBe(path);
  const rule = /Invalid value: ((?:spec|requests|the keys)[^]*)$/.exec(want)?.[1] ?? "";
  if (!rule.includes(" in body ") && rule !== "") expect(problem).toContain(rule);
});

test.each(goldenCases)("the golden case $name is accepted", ({ written }) => {
  expect(clusterProblems(written)).toEqual([]);
});

test.each([...goodClientSpecs, ...goodHandlerSpecs])("$name is accepted", ({ spec }) => {
  expect(clusterProblems(clusterOf({ ...jwt, ...spec }))).toEqual([]);
});

test("every example is accepted", async () => {
  const folder = join(import.meta.dirname, "../../../../examples");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
  const { clusters, problems } = await readDocuments(
    files.map((name) => join(folder, name)),
    async (path) => readFileSync(path, "utf8"),
  );
  expect(problems).toEqual([]);
  expect(clusters.length).toBeGreaterThan(3);
  for (const { where, object } of clusters)
    expect({ where, problems: clusterProblems(object) }).toEqual({ where, problems: [] });
});

test("the full example has every field but the alternatives to its own", () => {
  const file = join(import.meta.dirname, "../../../../examples/full/cluster.yaml");
  const { spec: given } = parse(readFileSync(file, "utf8")) as { spec: Record<string, unknown> };
  const schema: JsonSchema = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema;
  const missing = (part: JsonSchema, value: unknown, path: string): string[] =>
    Object.entries(part.properties ?? {}).flatMap(([name, field]) => {
      const has = (value as Record<string, unknown>)[name];
      const inner = Array.isArray(has) ? (has[0] as unknown) : has;
      return has === undefined ? [`${path}${name}`] : missing(field.items ?? field, inner, `${path}${name}.`);
    });
  expect(missing(schema.properties?.["spec"] ?? {}, given, "")).toEqual([
    ...["auth.jwt.issuers", "redis.managed.image", "redis.external", "exposure.gateway"],
    ...["handlers.url", "handlers.service.namespace", "autoscaling.prometheusAddress", "autoscaling.keda"],
  ]);
});

test.each([
  {
    when: "a misspelt field names the one that was meant",
    spec: { limits: { maxConections: 5 } },
    want: ["spec.limits.maxConections: unknown field: did you mean maxConnections?"],
  },
  {
    when: "a field in the wrong branch names its own",
    spec: { ...jwt, maxConnections: 5 },
    want: ["spec.maxConnections: unknown field: it belongs to spec.limits"],
  },
  {
    when: "an unknown field lists the allowed ones",
    spec: { ...jwt, drain: { zzz: 1 } },
    want: ["spec.drain.zzz: unknown field: allowed here: connectionsPerSecond, timeoutSeconds"],
  },
  {
    when: "a field in a list has its index",
    spec: { auth: { jwt: { issuers: [{ issuer: "a", audience: "b", jwksURL: "https://c", jwksUrl: "d" }] } } },
    want: ["spec.auth.jwt.issuers[0].jwksUrl: unknown field: did you mean jwksURL?"],
  },
  {
    when: "a number in quotes is a string",
    spec: { ...jwt, replicas: "3" },
    want: ['spec.replicas: must be a whole number, not "3"'],
  },
  {
    when: "a misspelt choice names the one that was meant",
    spec: { ...jwt, redis: { type: "managed" } },
    want: ['spec.redis.type: must be one of Managed, External, None, not "managed": did you mean Managed?'],
  },
  {
    when: "a size that is a list",
    spec: { ...jwt, redis: { managed: { storage: [] } } },
    want: ["spec.redis.managed.storage: must be a number or a string, not []"],
  },
  {
    when: "a missing field is named",
    spec: { auth: { jwt: { secret: {} } } },
    want: ["spec.auth.jwt.secret.name: is missing: add it"],
  },
  {
    when: "several mistakes are all reported",
    spec: { ...jwt, replicas: -1, paused: "yes" },
    want: ["spec.replicas: must be 0 or more, not -1", 'spec.paused: must be true or false, not "yes"'],
  },
  { when: "a field without a value counts as absent", spec: { ...jwt, replicas: null }, want: [] },
  {
    when: "the content of the pod patch is not checked",
    spec: { ...jwt, podPatch: { spec: { anything: null } } },
    want: [],
  },
  { when: "a spec that is missing", spec: undefined, want: ["spec: is missing: add it"] },
  { when: "a spec that is a string", spec: "big", want: ['spec: must be an object, not "big"'] },
])("$when", ({ spec, want }) => {
  expect(clusterProblems(clusterOf(spec))).toEqual(want);
});

test.each([
  {
    when: "another version",
    object: { apiVersion: "realtime.dev/v1" },
    want: ['apiVersion: must be realtime.dev/v1beta1, not "realtime.dev/v1"'],
  },
  { when: "no name", object: { metadata: {} }, want: ["metadata.name: is missing: add it"] },
  {
    when: "a name that Services cannot carry",
    object: { metadata: { name: "1chat" } },
    want: [
      "metadata.name: metadata.name must begin with a letter and contain only a-z, 0-9 and -, because names of Services begin with it: rename the cluster",
    ],
  },
  {
    when: "an annotation that is no text",
    object: { metadata: { name: "chat", annotations: { a: true } } },
    want: ["metadata.annotations.a: must be a string, not true: put it in quotes"],
  },
])("$when is a problem", ({ object, want }) => {
  expect(clusterProblems(clusterOf(jwt, object))).toEqual(want);
});
