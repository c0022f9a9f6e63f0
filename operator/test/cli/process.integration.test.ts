// Runs the bundled program as a real process, to check exit codes, pipes and signals.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { bundle } from "../../build.ts";
import { repository } from "./transcript.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realtime-cli-"));
  await bundle(folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (args: readonly string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [join(folder, "main.mjs"), ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    stdio: "pipe",
  });

async function run(
  args: readonly string[],
  input = "",
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; error: string }> {
  const child = start(args, env);
  child.stdin.end(input);
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, out, error };
}

const minimal = readFileSync(join(repository, "examples/minimal/cluster.yaml"), "utf8");

test.each([
  {
    when: "a good file comes by standard input",
    args: ["validate", "-f", "-"],
    input: minimal,
    want: { code: 0, out: "standard input: RealtimeCluster minimal is valid\n", error: "" },
  },
  {
    when: "a bad file comes by standard input",
    args: ["validate", "-f", "-"],
    input: minimal.replace("spec:", "spec:\n  replicas: -1"),
    want: { code: 1, out: "", error: "standard input: spec.replicas: must be 0 or more, not -1\n" },
  },
  {
    when: "a file is not there",
    args: ["validate", "-f", "nowhere.yaml"],
    want: {
      code: 2,
      out: "",
      error: "nowhere.yaml: cannot be read: ENOENT: no such file or directory, open 'nowhere.yaml'\n",
    },
  },
  {
    when: "a file to render is not there",
    args: ["render", "-f", "nowhere.yaml"],
    want: {
      code: 2,
      out: "",
      error: "nowhere.yaml: cannot be read: ENOENT: no such file or directory, open 'nowhere.yaml'\n",
    },
  },
  {
    when: "a command does not exist",
    args: ["valdate"],
    want: { code: 2, out: "", error: "error: unknown command 'valdate'\n(Did you mean validate?)\n" },
  },
  { when: "the version is asked for", args: ["--version"], want: { code: 0, out: "0.1.0\n", error: "" } },
  {
    when: "there is no Kubernetes to speak to",
    args: ["status"],
    want: {
      code: 1,
      out: "",
      error:
        "error: no Kubernetes configuration found: set KUBECONFIG, create ~/.kube/config, or run in a pod with a ServiceAccount\n",
    },
  },
  {
    when: "the operator's environment is wrong",
    args: ["run"],
    env: { METRICS_PORT: "x", CONCURRENCY: "0" },
    want: {
      code: 2,
      out: "",
      error:
        'METRICS_PORT must be a whole number from 0 to 65535, not "x"\nCONCURRENCY must be a whole number from 1 to 256, not "0"\n',
    },
  },
])("when $when, it says so and ends with exit code $want.code", async ({ args, input, env, want }) => {
  expect(await run(args, input, env)).toEqual(want);
});

test.each([
  {
    when: "is no YAML",
    content: "users: [{ token: hidden-token",
    want: /^error: .*config-bad: cannot be read as a kubeconfig: [^\n]+\n$/,
  },
  {
    when: "is not there",
    content: undefined,
    want: /^error: .*config-bad: cannot be read as a kubeconfig: ENOENT[^\n]+\n$/,
  },
])(
  "a kubeconfig that $when is named, and nothing of it is shown",
  async ({ content, want }) => {
    const path = join(folder, "config-bad");
    rmSync(path, { force: true });
    if (content !== undefined) writeFileSync(path, content);
    const { code, error } = await run(["status"], "", { KUBECONFIG: path });
    expect({ code, error }).toEqual({ code: 1, error: expect.stringMatching(want) as unknown });
    expect(error).not.toContain("hidden-token");
  },
  30_000,
);

test("exits cleanly when its reader closes the pipe", async () => {
  const child = start(["render", "-f", "-"]);
  child.stdin.end(
    Array.from({ length: 30 }, (_, index) => minimal.replace("name: minimal", `name: minimal-${index}`)).join("---\n"),
  );
  child.stdout.once("data", () => child.stdout.destroy());
  const [error, [code]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number]>]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
});

test("Ctrl-C ends a command when the API server does not answer", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "silent",
        cluster: {
          server: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
          "insecure-skip-tls-verify": true,
        },
      },
    ],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: "silent", context: { cluster: "silent", user: "nobody" } }],
    "current-context": "silent",
  };
  writeFileSync(join(folder, "kubeconfig"), stringify(kubeconfig));
  const connected = once(silent, "connection");
  const child = start(["status", "chat", "--kubeconfig", join(folder, "kubeconfig")]);
  const [socket] = (await connected) as [Socket];
  child.kill("SIGINT");
  const [error, [code]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number]>]);
  socket.destroy();
  silent.close();
  expect({ code, error }).toEqual({ code: 0, error: "" });
});
