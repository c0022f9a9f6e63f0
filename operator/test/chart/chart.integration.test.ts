import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { crdFile } from "../crd/api-server.ts";
import { yamlOf } from "../manifests/golden-case.ts";
import { chart, chartCaseNames, chartCases, helm, installHelm, objectsOf, render } from "./helm.ts";

beforeAll(() => installHelm(), 900_000);

test("passes helm lint --strict with the values of every case", async () => {
  for (const name of chartCaseNames)
    await helm(["lint", "--strict", chart, "--values", join(chartCases, name, "values.yaml")]);
}, 60_000);

// `UPDATE_GOLDEN=1 make test-integration` rewrites the golden files.
describe("the rendered chart equals the golden file for", () => {
  test.each(chartCaseNames)("%s", async (name) => {
    const objects = objectsOf(await render(name));
    const golden = join(chartCases, name, "rendered.yaml");
    const text = yamlOf(objects.filter(({ kind }) => kind !== "CustomResourceDefinition"));
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, text);
    expect(existsSync(golden) ? readFileSync(golden, "utf8") : "").toBe(text);
  });
});

describe("the definition", () => {
  const definitionIn = async (name: string) =>
    objectsOf(await render(name)).find(({ kind }) => kind === "CustomResourceDefinition");

  test("is rendered as in crds/, and kept when the release is uninstalled", async () => {
    const source = parse(readFileSync(crdFile, "utf8")) as { spec: unknown };
    const rendered = await definitionIn("default");
    expect(rendered?.["spec"]).toEqual(source.spec);
    expect(rendered?.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
  });

  test("is deleted with the release, or left out, only when the values say so", async () => {
    expect((await definitionIn("everything"))?.metadata.annotations).not.toHaveProperty(["helm.sh/resource-policy"]);
    expect(await definitionIn("namespaced")).toBeUndefined();
  });
});

describe("as a dependency of an umbrella chart", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "realtime-umbrella-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Renders a chart named "app" whose only dependency is our chart. Returns its objects. */
  async function umbrella(dependency: object, values: object): Promise<KubeObject[]> {
    const { version } = parse(readFileSync(join(chart, "Chart.yaml"), "utf8")) as { version: string };
    const own = { name: "realtime-operator", version, repository: `file://${chart}` };
    const definition = { apiVersion: "v2", name: "app", version: "1.0.0", dependencies: [{ ...own, ...dependency }] };
    writeFileSync(join(folder, "Chart.yaml"), stringify(definition));
    await helm(["dependency", "update", "--skip-refresh", folder]);
    writeFileSync(join(folder, "values.yaml"), stringify(values));
    return objectsOf(await helm(["template", "app", folder, "--namespace", "apps"])).filter(
      (object) => object !== null,
    );
  }
  const condition = "realtime-operator.enabled";

  test.each([
    { when: "no value is set", values: {} },
    { when: "it is enabled", values: { "realtime-operator": { enabled: true } } },
    { when: "global values of other charts exist", values: { global: { storageClass: "fast", imageRegistry: null } } },
  ])("is rendered when $when", async ({ values }) => {
    expect((await umbrella({ condition }, values)).map(({ kind }) => kind)).toContain("Deployment");
  });

  test("is not rendered when it is disabled", async () => {
    expect(await umbrella({ condition }, { "realtime-operator": { enabled: false } })).toEqual([]);
  });

  test("is named by its alias", async () => {
    const objects = await umbrella({ alias: "realtime", condition: "realtime.enabled" }, { realtime: { replicas: 2 } });
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    expect(deployment).toMatchObject({ metadata: { name: "app-realtime" }, spec: { replicas: 2 } });
  });

  test("has names that Kubernetes accepts when its alias has capital letters", async () => {
    const objects = await umbrella({ alias: "realtimeOperator_1" }, {});
    const names = objects.map(({ metadata: { name } }) => name).filter((name) => !/^[a-z0-9.:-]+$/.test(name));
    expect(names).toEqual([]);
  });
});

test.each(
  ["commonLabels", "commonAnnotations", "podLabels", "podAnnotations", "imagePullSecrets", "watchNamespaces"].concat([
    "nodeSelector",
    "tolerations",
    "affinity",
    "extraEnv",
    "serviceAccount.annotations",
    "global",
  ]),
)("is rendered as by default when %s is null", async (value) => {
  const template = ["template", "realtime", chart, "--namespace", "realtime-system"];
  expect(await helm([...template, "--set", `${value}=null`])).toBe(await helm(template));
});

test("grants nothing outside the watched namespaces and the operator's own", async () => {
  const objects = objectsOf(await render("namespaced"));
  expect(objects.filter(({ kind }) => /^Cluster|^Custom/.test(kind))).toEqual([]);
  const roles = objects
    .filter(({ kind }) => kind === "Role")
    .map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
  expect(roles.sort()).toEqual([
    "realtime-system/realtime-realtime-operator-leader",
    "team-a/realtime-operator",
    "team-b/realtime-operator",
  ]);
});

test("renders numeric namespace and release names as strings", async () => {
  const objects = objectsOf(
    await helm(["template", "1", chart, "--namespace", "2024", "--set-string", "watchNamespaces={2025}"]),
  ).filter(({ kind }) => kind !== "CustomResourceDefinition");
  const texts = objects.flatMap(({ metadata }) => [
    metadata.namespace ?? "2024",
    ...Object.values(metadata.labels ?? {}),
  ]);
  expect(texts.filter((text) => typeof text !== "string")).toEqual([]);
  const args = objects.find(({ kind }) => kind === "Pod")?.["spec"] as { containers: { args: unknown[] }[] };
  expect(args.containers[0]?.args).toEqual([
    "check",
    "--namespace",
    "2024",
    "--lease",
    "1-realtime-operator",
    "--watch-namespaces",
    "2025",
  ]);
  const [deployment] = objects.filter(({ kind }) => kind === "Deployment") as {
    spec?: { selector: { matchLabels: object } };
  }[];
  expect(deployment?.spec?.selector.matchLabels).toMatchObject({ "app.kubernetes.io/instance": "1" });
});

test.each([
  { when: "a key is misspelt", set: ["replicass=2"], want: /additional properties 'replicass' not allowed/ },
  {
    when: "a nested key is misspelt",
    set: ["image.repositry=a"],
    want: /at '\/image': additional properties 'repositry' not allowed/,
  },
  { when: "a number is a word", set: ["replicas=two"], want: /at '\/replicas': got string, want integer/ },
  { when: "a namespace has a dot", set: ["watchNamespaces={team.a}"], want: /at '\/watchNamespaces\/0'/ },
  { when: "a namespace is none", set: ["watchNamespaces={Team A}"], want: /at '\/watchNamespaces\/0'/ },
  { when: "a digest is a tag", set: ["image.digest=latest"], want: /at '\/image\/digest'/ },
  { when: "a log level is unknown", set: ["logLevel=verbose"], want: /at '\/logLevel'/ },
  { when: "a repository has a tag", set: ["image.repository=foo/bar:1.2"], want: /at '\/image\/repository'/ },
  { when: "memory is one byte", set: ["resources.limits.memory=1"], want: /at '\/resources\/limits\/memory'/ },
  {
    when: "two servers have one port",
    set: ["metrics.port=8081"],
    want: /metrics\.port and health\.port are both 8081: give one of them another port/,
  },
  {
    when: "an additional variable is one of the chart's",
    set: ["extraEnv[0].name=LOG_LEVEL", "extraEnv[0].value=debug"],
    want: /extraEnv: the chart sets LOG_LEVEL itself: use the value for it, or remove it here/,
  },
  {
    when: "an existing account is used but not named",
    set: ["serviceAccount.create=false"],
    want: /serviceAccount\.name: name the ServiceAccount to use/,
  },
])("when $when, helm names the problem and renders nothing", async ({ set, want }) => {
  await expect(helm(["template", "realtime", chart, ...set.flatMap((value) => ["--set", value])])).rejects.toThrow(
    want,
  );
});
