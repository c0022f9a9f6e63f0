// Checks that the operator accepts every setting that the chart passes to it.
import { expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { checkCommand } from "../../src/cli/commands/check.ts";
import { environment, parseConfig } from "../../src/config.ts";

const root = join(import.meta.dirname, "../../..");
const cases = join(root, "operator/testdata/chart");

interface Workload {
  kind: string;
  spec: { containers?: Container[]; template?: { spec: { containers: Container[] } } };
}

interface Container {
  args: string[];
  env?: { name: string; value?: string }[];
}

function containers(caseName: string, kind: string): Container[] {
  const objects = parseAllDocuments(readFileSync(join(cases, caseName, "rendered.yaml"), "utf8")).map(
    (document) => document.toJS() as Workload,
  );
  return objects
    .filter((object) => object.kind === kind)
    .flatMap(({ spec }) => spec.template?.spec.containers ?? spec.containers ?? []);
}

test.each(readdirSync(cases))("%s: the operator reads and accepts every variable of the chart", (name) => {
  for (const { env = [], args } of containers(name, "Deployment")) {
    expect(args).toEqual(["run"]);
    expect([...Object.keys(environment), "HTTPS_PROXY"]).toEqual(
      expect.arrayContaining(env.map((variable) => variable.name)),
    );
    expect(
      parseConfig(Object.fromEntries(env.map((variable) => [variable.name, variable.value])), "host"),
    ).toHaveProperty("config");
  }
});

test("an operator without the chart's variables uses the images of the chart's release", () => {
  const { appVersion } = parse(readFileSync(join(root, "charts/realtime-operator/Chart.yaml"), "utf8")) as {
    appVersion: string;
  };
  const variables = Object.fromEntries(
    containers("default", "Deployment").flatMap(({ env = [] }) => env.map(({ name, value }) => [name, value])),
  );
  expect({ gateway: environment.GATEWAY_IMAGE.default, redis: environment.REDIS_IMAGE.default }).toEqual({
    gateway: variables["GATEWAY_IMAGE"],
    redis: variables["REDIS_IMAGE"],
  });
  expect(environment.GATEWAY_IMAGE.default).toMatch(new RegExp(`:${appVersion}$`));
});

test("helm test sets exactly the options that the command check needs", () => {
  const [{ args: [command, ...args] } = { args: [] }] = containers("default", "Pod");
  const { options } = checkCommand({} as Parameters<typeof checkCommand>[0]);
  const given = args.filter((argument) => argument.startsWith("--"));
  expect(command).toBe("check");
  expect(options.map(({ long }) => long)).toEqual(expect.arrayContaining(given));
  expect(given).toEqual(expect.arrayContaining(options.filter(({ mandatory }) => mandatory).map(({ long }) => long)));
});
