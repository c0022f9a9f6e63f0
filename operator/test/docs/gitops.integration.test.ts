// Runs Argo CD's health script on statuses that the operator writes. It uses Lua 5.1, as Argo CD does.
import { beforeAll, expect, test } from "@jest/globals";
import { join } from "node:path";
import { unpackPackages } from "../../../testkit/programs/debian.ts";
import { placesOf } from "../../../testkit/programs/places.ts";
import { run } from "../../../testkit/run.ts";
import { document } from "./documents.ts";

let lua: (script: string) => Promise<string>;
beforeAll(async () => {
  const root = await unpackPackages(
    placesOf(process.env),
    { name: "lua", packages: ["lua5.1", "liblua5.1-0", "libreadline8", "libtinfo6"] },
    (line) => process.stderr.write(`${line}\n`),
  );
  const libraries = join(root, "usr/lib", process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu");
  lua = (script) => run(join(root, "usr/bin/lua5.1"), ["-"], { input: script, env: { LD_LIBRARY_PATH: libraries } });
}, 120_000);

const condition = (type: string, status: string) => ({ type, status, message: `about ${type}` });
const well = [
  condition("Ready", "True"),
  condition("Degraded", "False"),
  condition("ConfigurationAccepted", "True"),
  condition("ReconciliationPaused", "False"),
];
const but = (...others: { type: string; status: string; message: string }[]) => [
  ...well.filter(({ type }) => !others.some((other) => other.type === type)),
  ...others,
];

test.each([
  {
    when: "the operator has not processed it",
    status: undefined,
    want: "Progressing: the operator has not looked at it yet",
  },
  { when: "the status is empty", status: {}, want: "Progressing: the operator has not looked at it yet" },
  { when: "it is ready", status: { observedGeneration: 2, conditions: well }, want: "Healthy: about Ready" },
  {
    when: "the newest spec has not been processed",
    status: { observedGeneration: 1, conditions: well },
    want: "Progressing: the operator has not looked at the newest spec yet",
  },
  {
    when: "pods are starting",
    status: { observedGeneration: 2, conditions: but(condition("Ready", "False")) },
    want: "Progressing: about Ready",
  },
  {
    when: "no gateway has reached Redis yet",
    status: { observedGeneration: 2, conditions: but(condition("Ready", "Unknown")) },
    want: "Progressing: about Ready",
  },
  {
    when: "the spec cannot be applied",
    status: {
      observedGeneration: 2,
      conditions: but(condition("Ready", "False"), condition("ConfigurationAccepted", "False")),
    },
    want: "Degraded: about ConfigurationAccepted",
  },
  {
    when: "pods fail",
    status: { observedGeneration: 2, conditions: but(condition("Degraded", "True"), condition("Ready", "False")) },
    want: "Degraded: about Degraded",
  },
  {
    when: "it is paused",
    status: { observedGeneration: 2, conditions: but(condition("ReconciliationPaused", "True")) },
    want: "Suspended: about ReconciliationPaused",
  },
])("when $when, Argo CD says $want", async ({ status, want }) => {
  const obj = { metadata: { generation: 2 }, ...(status === undefined ? {} : { status }) };
  const script = `local obj = ${luaOf(obj)}\nlocal function health(obj)\n${document("gitops/argocd-health.lua")}\nend\nlocal h = health(obj)\nprint(h.status .. ": " .. h.message)\n`;
  expect((await lua(script)).trim()).toBe(want);
});

/** A JSON value as a Lua literal. */
function luaOf(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(luaOf).join(", ")}}`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, part]) => `[${JSON.stringify(key)}] = ${luaOf(part)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}
