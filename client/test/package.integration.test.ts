// Tests the built package, installed as an application would install it.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../testkit/run.ts";

const client = join(import.meta.dirname, "..");
const repository = join(client, "..");
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "realtime-client-"));
  await run("npm", ["pack", "--silent", "--pack-destination", project], { cwd: client });
  const [archive = ""] = readdirSync(project);
  const installed = join(project, "node_modules/@realtime-operator/client");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", join(project, archive), "-C", installed, "--strip-components=1"]);
  // An application installs socket.io-client and its dependencies itself. Link them from this repository.
  for (const name of readdirSync(join(repository, "node_modules"))) {
    if (!name.startsWith("@") && !name.startsWith(".") && !existsSync(join(project, "node_modules", name)))
      symlinkSync(join(repository, "node_modules", name), join(project, "node_modules", name));
  }
  symlinkSync(join(repository, "node_modules/@socket.io"), join(project, "node_modules/@socket.io"));
}, 60_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

test("an empty project imports it and compiles against its types", async () => {
  writeFileSync(
    join(project, "application.ts"),
    `import { realtime } from "@realtime-operator/client";
const client = realtime<{ "order:shipped": { id: number } }>("http://localhost:1", { token: async () => "t" });
client.on("order:shipped", ({ id }) => console.log(id.toFixed()));
const off: () => void = client.onStatus(({ state }) => console.log(state));
off();
client.close();
console.log("fine");
`,
  );
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  const compiler = join(repository, "node_modules/typescript7/bin/tsc");
  const flags = ["--strict", "--noEmit", "--module", "nodenext", "--skipLibCheck", "--lib", "es2022,dom"];
  await run(process.execPath, [compiler, ...flags, "application.ts"], { cwd: project });
  const output = await run(process.execPath, ["application.ts"], { cwd: project });
  expect(output.trim().split("\n").at(-1)).toBe("fine");
});

test("an empty project imports the React hooks and compiles against their types", async () => {
  writeFileSync(
    join(project, "component.ts"),
    `import { realtime } from "@realtime-operator/client";
import { RealtimeProvider, useEvent, useRoom, useStatus } from "@realtime-operator/client/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
const client = realtime("http://localhost:1");
function Room(): string {
  const room = useRoom("team-7", { on: { message: ({ message }: { message: string }) => console.log(message) } });
  useEvent<{ id: number }>("order:shipped", ({ id }) => void room.send(id));
  return useStatus().state;
}
console.log(renderToString(createElement(RealtimeProvider, { client }, createElement(Room))));
`,
  );
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  for (const name of ["react", "react-dom"])
    symlinkSync(join(repository, "node_modules/@types", name), join(project, "node_modules/@types", name));
  const compiler = join(repository, "node_modules/typescript7/bin/tsc");
  const flags = ["--strict", "--noEmit", "--module", "nodenext", "--skipLibCheck", "--lib", "es2022,dom"];
  await run(process.execPath, [compiler, ...flags, "component.ts"], { cwd: project });
  const output = await run(process.execPath, ["component.ts"], { cwd: project });
  expect(output.trim().split("\n").at(-1)).toBe("idle");
});

test("the package has less than 4 kB when it is minified and compressed", async () => {
  const entry = join(project, "node_modules/@realtime-operator/client/dist/realtime.js");
  const { outputFiles } = await build({
    entryPoints: [entry],
    ...{ bundle: true, minify: true, format: "esm", write: false, external: ["socket.io-client"] },
  });
  expect(gzipSync(outputFiles[0]!.contents, { level: 9 }).length).toBeLessThan(4_096);
});
