// Each file of testdata/transcripts consists of blocks. A block has comment lines, commands, a line of dashes, and then
// what the operator did. UPDATE_GOLDEN=1 replaces the last part by what the operator does now.
import { afterEach, expect, test } from "@jest/globals";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./transcript-commands.ts";
import { TranscriptStage } from "./transcript-stage.ts";

const folder = join(import.meta.dirname, "../../testdata/transcripts");
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

let stage: TranscriptStage;
afterEach(() => stage.stop());

/** Runs the commands of a block. Returns the block's commands together with what the operator did. */
async function played(block: string): Promise<string> {
  const [head = ""] = block.split("\n----\n");
  const lines = head.split("\n").filter((line) => line !== "----");
  const commands = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (commands.length === 0) return block.trimEnd();
  // Commands with "given" only prepare the state, so the transcript does not show what the operator does for them.
  // create.txt shows it.
  if (commands[0]?.startsWith("given ") === true) {
    for (const command of commands) await stage.tell(() => runCommand(stage, command.replace("given ", "")));
    return lines.filter((line) => line !== "").join("\n");
  }
  const told = await stage.tell(async () => {
    for (const command of commands) await runCommand(stage, command);
  });
  return [...lines.filter((line) => line !== ""), "----", ...told].join("\n");
}

test.each(files)("%s", async (name) => {
  stage = new TranscriptStage();
  stage.start();
  await stage.tell(() => undefined);
  const path = join(folder, name);
  const text = readFileSync(path, "utf8");
  const blocks: string[] = [];
  for (const block of text.trimEnd().split(/\n\n+/)) blocks.push(await played(block));
  const now = `${blocks.join("\n\n")}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, now);
  expect(readFileSync(path, "utf8")).toBe(now);
});
