import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { goldenCase, usualImages, usualInputs } from "../../test/manifests/golden-case.ts";
import type { KubeObject } from "../api/kube-object.ts";
import { expectGolden, repository, Stage } from "../../test/cli/transcript.ts";

const header = "apiVersion: realtime.dev/v1beta1\nkind: RealtimeCluster\n";
const jwt = "auth: { jwt: { secret: { name: chat-jwt } } }";
const chat = `${header}metadata: { name: chat, namespace: apps }\nspec:\n  ${jwt}\n`;

function stageWith(files: Record<string, string>): Stage {
  const stage = new Stage();
  for (const [name, text] of Object.entries(files)) stage.files.set(name, text);
  return stage;
}

test.each([
  {
    name: "validate-good",
    files: { "chat.yaml": chat },
    lines: ["validate -f chat.yaml", "validate -f examples/minimal/cluster.yaml examples/full/cluster.yaml"],
  },
  {
    name: "validate-bad",
    files: {
      "chat.yaml": `${chat}  replicas: "3"\n  limits: { maxConections: 5 }\n---\n${chat}  maxConnections: 5\n---\n${header}metadata: { name: 1chat }\nspec: { ${jwt} }\n`,
      "other.yaml": `${header}metadata: { name: chat }\nspec:\n  exposure: { type: Ingress, host: 10.0.0.1 }\n`,
    },
    lines: ["validate -f chat.yaml", "validate -f chat.yaml other.yaml"],
  },
  {
    name: "validate-unreadable",
    files: {
      "broken.yaml": "a: [1\n",
      "text.yaml": "hello\n",
      "empty.yaml": "\n",
      "service.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: a }\n",
      "bomb.yaml": bomb(),
    },
    lines: [
      "validate -f broken.yaml",
      "validate -f text.yaml",
      "validate -f empty.yaml",
      "validate -f service.yaml",
      "validate -f bomb.yaml",
      "validate",
    ],
  },
  {
    name: "validate-risky",
    files: {
      "chat.yaml": `${header}metadata: { name: chat }\nspec: { auth: { type: None }, origins: ["*"], replicas: 1, drain: { timeoutSeconds: 5 }, podPatch: { spec: { terminationGracePeriodSeconds: 3 } } }\n`,
    },
    lines: ["validate -f chat.yaml"],
  },
  {
    name: "validate-list",
    files: {
      "list.yaml": `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }\n- { ${header.trim().replace("\n", ", ")}, metadata: { name: chat }, spec: { ${jwt} } }\n`,
    },
    lines: ["validate -f list.yaml"],
  },
  {
    name: "validate-own-list",
    files: {
      "list.yaml": `apiVersion: realtime.dev/v1beta1\nkind: RealtimeClusterList\nitems:\n- { ${header.trim().replace("\n", ", ")}, metadata: { name: chat }, spec: { ${jwt} } }\n`,
    },
    lines: ["validate -f list.yaml"],
  },
  {
    name: "validate-shared",
    files: {
      "a.yaml": `${chat}  exposure: { type: Ingress, host: chat.example.com }\n`,
      "twin.yaml": `${chat}  exposure: { type: Ingress, host: chat.example.com }\n`.replace(
        "name: chat,",
        "name: twin,",
      ),
      "again.yaml": chat,
      "other.yaml": `${chat}  exposure: { type: Ingress, host: other.example.com }\n`.replace(
        "name: chat,",
        "name: other,",
      ),
      "inside.yaml":
        `${chat}  exposure: { type: Ingress, host: other.example.com, ingress: { className: inside } }\n---\n${chat}  exposure: { type: Ingress, host: other.example.com, ingress: { className: outside } }\n`
          .replace("name: chat,", "name: inside,")
          .replace("name: chat,", "name: outside,"),
    },
    lines: [
      "validate -f a.yaml twin.yaml",
      "validate -f a.yaml again.yaml",
      "validate -f a.yaml other.yaml",
      "validate -f inside.yaml",
    ],
  },
  {
    name: "validate-pod-patch",
    files: { "chat.yaml": `${chat}  podPatch: { spec: { containers: [{ name: gateway, $patch: delete }] } }\n` },
    lines: ["validate -f chat.yaml"],
  },
  {
    name: "validate-server",
    files: { "chat.yaml": chat, "lost.yaml": chat.replace("apps", "nowhere") },
    lines: ["validate --server -f chat.yaml", "validate --server -f lost.yaml"],
  },
  { name: "render-bad", files: { "chat.yaml": `${chat}  replicas: -1\n` }, lines: ["render -f chat.yaml"] },
  {
    name: "render-pod-patch",
    files: { "chat.yaml": `${chat}  podPatch: { spec: null }\n` },
    lines: ["render -f chat.yaml"],
  },
  {
    name: "wrong-use",
    files: {},
    lines: ["valdate", "status chat -A", "render", "completion tcsh", "rebalance chat --tolerance 0"],
  },
  {
    name: "plan",
    files: {},
    lines: [
      "plan",
      "plan --connections 0",
      "plan --connections 100 --messages-per-second many",
      "plan --connections 100 --receivers 200",
      "plan --connections 100 --name Chat",
    ],
  },
  { name: "completion-bash", files: {}, lines: ["completion bash"] },
  { name: "completion-zsh", files: {}, lines: ["completion zsh"] },
  { name: "completion-fish", files: {}, lines: ["completion fish"] },
  {
    name: "help",
    files: {},
    lines: [
      "--help",
      "status --help",
      "validate --help",
      "diff --help",
      "render --help",
      "plan --help",
      "drain --help",
      "rebalance --help",
    ],
  },
])("$name prints what its golden file says", async ({ name, files, lines }) => {
  const stage = stageWith(files);
  const transcripts: string[] = [];
  for (const line of lines) transcripts.push(await stage.transcript(line));
  expectGolden(name, transcripts.join("\n"));
});

test.each(["minimal", "polling-traefik", "external-redis"])(
  "renders the objects of the golden case %s as the operator applies them",
  async (name) => {
    const stage = new Stage();
    const { operatorNamespace } = usualInputs;
    const file = `operator/testdata/golden/${name}/cluster.yaml`;
    const { out } = await stage.run([
      "render",
      "-f",
      file,
      "--gateway-image",
      usualImages.gateway,
      "--redis-image",
      usualImages.redis,
      "--operator-namespace",
      operatorNamespace,
    ]);
    const rendered = parseAllDocuments(out).map((document) => document.toJS() as KubeObject);
    const { manifests } = goldenCase(name);
    const withoutOwner = manifests.map(({ metadata: { ownerReferences: _owner, ...metadata }, ...rest }) => ({
      ...rest,
      metadata,
    }));
    const comparable = (objects: KubeObject[]) =>
      objects.map((object) => (object.kind === "Secret" ? object.metadata : object));
    expect(comparable(rendered)).toEqual(JSON.parse(JSON.stringify(comparable(withoutOwner))));
  },
);

test("prints the definition of the repository", async () => {
  const { out } = await new Stage().run(["crd"]);
  expect(parse(out)).toEqual(parse(readFileSync(join(repository, "crds/realtimeclusters.yaml"), "utf8")));
});

test("renders no Secret values unless --show-secrets is given, and no owner references", async () => {
  const stage = stageWith({ "chat.yaml": chat });
  const hidden = (await stage.run(["render", "-f", "chat.yaml"])).out;
  expect(hidden).not.toContain("drawn-at-random");
  expect(hidden).not.toContain("ownerReferences");
  const shown = parseAllDocuments(
    (await stage.run(["render", "-f", "chat.yaml", "--show-secrets"])).out,
  )[0]?.toJS() as { data: Record<string, string> };
  expect(Buffer.from(shown.data["admin-token"] ?? "", "base64").toString()).toBe("drawn-at-random");
});

test("validates every cluster of a file with a thousand", async () => {
  const stage = stageWith({
    "many.yaml": Array.from({ length: 1000 }, (_, index) => chat.replace("chat,", `chat-${index},`)).join("---\n"),
  });
  const { out, code } = await stage.run(["validate", "-f", "many.yaml"]);
  expect({ lines: out.split("\n").length - 1, code }).toEqual({ lines: 1000, code: 0 });
});

/** YAML whose size doubles with every line. With its aliases expanded, it has a gigabyte. */
function bomb(): string {
  const lines = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`);
  return `a0: &a0 [x, x]\n${lines.join("\n")}\nkind: RealtimeCluster\n`;
}
