import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAppImage } from "../../lab/src/images/app-image.ts";
import { contract } from "../src/contract.ts";

const server = join(import.meta.dirname, "..");
const image = parseAppImage(readFileSync(join(server, "image.json"), "utf8"), "image.json");
const stages = readFileSync(join(server, "Dockerfile"), "utf8").split(/^FROM /m);
const last = stages.at(-1)!.split("\n");
const said = (instruction: string): string[] => last.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

test("image.json and the Dockerfile describe one image", () => {
  const env = Object.fromEntries(said("ENV").map((line) => line.split("=") as [string, string]));
  const copied = said("COPY").map((line) => /^--from=build \/src\/server\/(\S+) (\S+)$/.exec(line)?.slice(1));
  expect(said("USER")).toEqual([image.user]);
  expect(said("WORKDIR")).toEqual([image.workdir]);
  expect(JSON.parse(said("ENTRYPOINT")[0]!)).toEqual(image.entrypoint);
  expect(copied).toEqual(image.files.map(({ from, to }) => [from, to]));
  expect(env).toMatchObject(image.env);
});

test("the Dockerfile exposes the contract's ports", () => {
  expect(said("EXPOSE")).toEqual([`${contract.ports.public} ${contract.ports.private}`]);
});
