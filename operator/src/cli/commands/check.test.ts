import { expect, test } from "@jest/globals";
import { Stage } from "../../../test/cli/transcript.ts";
import { resources } from "../../api/resources.ts";
import { ApiError } from "../../kube/errors.ts";

const { events: _createdOnly, ...listed } = resources;
const plurals = ["realtimeclusters", ...Object.values(listed).map(({ plural }) => plural)];

/** Runs the command with an API server that refuses to list the kind `refused`. */
async function check({ refused = "", namespaces = "" }: { refused?: string; namespaces?: string }) {
  const stage = new Stage();
  const forbidden = new ApiError("forbidden", { status: 403, reason: "Forbidden" });
  stage.kube.intercept = ({ verb, resource }) =>
    verb === "list" && resource?.plural === refused ? { fail: forbidden } : "pass";
  const args = ["--namespace", "realtime-system", "--lease", "realtime-operator", "--watch-namespaces", namespaces];
  return stage.run(["check", ...args]);
}

test("lists every kind the operator manages", async () => {
  const { out, code } = await check({});
  const checked = [...out.matchAll(/^ok {6}list (\S+)$/gm)].map(([, plural]) => plural);
  expect(checked.sort()).toEqual([...plurals].sort());
  const last = out.trim().split("\n").at(-1);
  const count = plurals.length + 1;
  expect({ code, last }).toEqual({ code: 0, last: `${count} of ${count} checks passed at https://fake` });
});

test.each(plurals)("fails when %s cannot be listed", async (plural) => {
  const { out, code } = await check({ refused: plural });
  expect(code).toBe(1);
  expect(out).toContain(`FAILED  list ${plural}: forbidden\n`);
});

test("lists in each watched namespace when there is a list of them", async () => {
  const { out } = await check({ namespaces: "default,apps" });
  expect(out).toContain("ok      list deployments in default\n");
  expect(out).toContain("ok      list deployments in apps\n");
});
