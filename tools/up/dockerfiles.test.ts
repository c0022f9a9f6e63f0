import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAppImage } from "../../lab/src/images/app-image.ts";
import { environment } from "../../operator/src/config.ts";
import { contract } from "../../server/src/contract.ts";

const root = join(import.meta.dirname, "../..");
const workspaces = [
  { workspace: "server", ports: [contract.ports.public, contract.ports.private] },
  { workspace: "operator", ports: [environment.METRICS_PORT.default, environment.HEALTH_PORT.default] },
];

/** Returns a function that finds the arguments of an instruction in the last stage of a workspace's Dockerfile. */
function lastStageOf(workspace: string): (instruction: string) => string[] {
  const last = readFileSync(join(root, workspace, "Dockerfile"), "utf8")
    .split(/^FROM /m)
    .at(-1)!
    .split("\n");
  return (instruction) =>
    last.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));
}

test.each(workspaces)("image.json and the Dockerfile of $workspace describe the same image", ({ workspace }) => {
  const image = parseAppImage(readFileSync(join(root, workspace, "image.json"), "utf8"), "image.json");
  const said = lastStageOf(workspace);
  const copied = said("COPY").map((line) =>
    new RegExp(`^--from=build /src/${workspace}/(\\S+) (\\S+)$`).exec(line)?.slice(1),
  );
  expect(said("USER")).toEqual([image.user]);
  expect(said("WORKDIR")).toEqual([image.workdir]);
  expect(JSON.parse(said("ENTRYPOINT")[0]!)).toEqual(image.entrypoint);
  expect(copied).toEqual(image.files.map(({ from, to }) => [from, to]));
  expect(Object.fromEntries(said("ENV").map((line) => line.split("=")))).toMatchObject(image.env);
});

test.each(workspaces)("the Dockerfile of $workspace exposes the ports it listens on", ({ workspace, ports }) => {
  expect(lastStageOf(workspace)("EXPOSE")).toEqual([ports.join(" ")]);
});

test.each(workspaces)(
  "the Dockerfile of $workspace copies every workspace's package.json before npm ci",
  ({ workspace }) => {
    const { workspaces: all } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      workspaces: string[];
    };
    const dockerfile = readFileSync(join(root, workspace, "Dockerfile"), "utf8");
    const copied = [...dockerfile.matchAll(/^COPY (\S+)\/package\.json /gm)].map(([, folder]) => folder);
    expect(copied.sort()).toEqual([...all].sort());
  },
);
