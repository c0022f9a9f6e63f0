import { afterAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHandlersModule } from "./handlers-module.ts";

const folder = mkdtempSync(join(tmpdir(), "handlers-module-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function loaded(name: string, code: string | undefined) {
  const file = join(folder, `${name.replaceAll(" ", "-")}.mjs`);
  if (code !== undefined) writeFileSync(file, code);
  return { file, answer: await loadHandlersModule(file) };
}

test("loads what a module exports", async () => {
  const code = `export default { [Symbol.for("realtime-operator.handlers")]: 1, events: ["a:*"], hooks: ["join"],
    got: 7, async answer(request) { return { ack: [request, this.got] }; } }`;
  const { answer } = await loaded("good", code);
  if (!("module" in answer)) throw new Error(answer.problem);
  expect(answer.module).toMatchObject({ events: ["a:*"], hooks: ["join"] });
  expect(await answer.module.answer({ id: "1" })).toEqual({ ack: [{ id: "1" }, 7] });
});

const mark = 'Symbol.for("realtime-operator.handlers")';
test.each([
  ["whose file does not exist", undefined, "does not exist: copy the file"],
  ["that has a mistake", "const a = ;", "cannot be loaded (SyntaxError"],
  ["that throws", 'throw new Error("no database")', "cannot be loaded (Error: no database)"],
  ["without its packages", 'import "not-installed"', "bundle the packages that it imports"],
  ["without handlers", "export const app = 1", "export default handlers({…})"],
  ["of another version", `export default { [${mark}]: 2 }`, "this gateway knows 1"],
  [
    "with a reserved event",
    `export default { [${mark}]: 1, events: ["join_room"], hooks: [], answer() {} }`,
    "is join_room, an event of the gateway itself: choose another name",
  ],
  [
    "with an unknown hook",
    `export default { [${mark}]: 1, events: [], hooks: ["leave"], answer() {} }`,
    "has the hook leave, which this gateway does not know",
  ],
])("names the mistake and the fix for a module %s", async (name, code, message) => {
  const { file, answer } = await loaded(name, code);
  const { problem } = answer as { problem: string };
  expect(problem).toContain(`HANDLERS_MODULE ${file}`);
  expect(problem).toContain(message);
});
