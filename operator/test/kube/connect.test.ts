import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resources } from "../../src/api/resources.ts";
import { connect } from "../../src/kube/http/connect.ts";

const { configMaps } = resources;
let folder: string;
let server: Server;
let url: string;
let authorizations: (string | undefined)[];
let accepted: string | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "realtime-connect-"));
  authorizations = [];
  accepted = undefined;
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    const known = accepted === undefined || request.headers.authorization === accepted;
    response.writeHead(known ? 200 : 401).end(
      JSON.stringify({
        kind: "ConfigMap",
        metadata: { name: request.url?.split("/").at(-1), uid: "u", userAgent: request.headers["user-agent"] },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function kubeconfig(
  user: object,
  contexts: object[] = [{ name: "one", context: { cluster: "c", user: "u", namespace: "apps" } }],
): string {
  const file = join(folder, "kubeconfig");
  const clusters = [{ name: "c", cluster: { server: url } }];
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "one",
      clusters,
      contexts,
      users: [{ name: "u", user }],
    }),
  );
  return file;
}

describe("the configuration", () => {
  test("takes the server, namespace and credentials from the context", async () => {
    const contexts = [
      { name: "one", context: { cluster: "c", user: "u" } },
      { name: "two", context: { cluster: "c", user: "u", namespace: "apps" } },
    ];
    const file = kubeconfig({ token: "t" }, contexts);
    expect(connect({ kubeconfig: file })).toMatchObject({ server: url, namespace: undefined });
    const { kube, namespace } = connect({ kubeconfig: file, context: "two" });
    expect(namespace).toBe("apps");
    expect(await kube.get(configMaps, "apps", "a")).toMatchObject({
      metadata: { userAgent: expect.stringMatching(/^realtime-operator\/\d+\.\d+\.\d+/) },
    });
    expect(authorizations).toEqual(["Bearer t"]);
  });

  test("throws with the name of a missing context or file", () => {
    expect(() => connect({ kubeconfig: kubeconfig({}), context: "three" })).toThrow(/"three"/);
    expect(() => connect({ kubeconfig: join(folder, "none") })).toThrow(/none/);
  });

  test("throws with the places searched when there is no configuration", () => {
    const { HOME, KUBECONFIG } = process.env;
    process.env["HOME"] = folder;
    delete process.env["KUBECONFIG"];
    try {
      expect(() => connect()).toThrow(/set KUBECONFIG/);
    } finally {
      process.env["HOME"] = HOME;
      if (KUBECONFIG !== undefined) process.env["KUBECONFIG"] = KUBECONFIG;
    }
  });
});

describe("credentials that change", () => {
  /** Makes an exec plugin that counts its runs. Each run prints a new token: token-1, token-2, and so on. */
  function plugin(): { exec: object; runs: () => number } {
    const [script, count] = [join(folder, "plugin"), join(folder, "count")];
    writeFileSync(count, "");
    const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-'$(wc -c < ${count})'"}}`;
    writeFileSync(script, `#!/bin/sh\nprintf x >> ${count}\necho '${credential}'\n`);
    chmodSync(script, 0o700);
    return {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: script, interactiveMode: "Never" },
      runs: () => readFileSync(count).length,
    };
  }

  test("asks an exec plugin once for concurrent requests", async () => {
    const { exec, runs } = plugin();
    const { kube } = connect({ kubeconfig: kubeconfig({ exec }) });
    await Promise.all(["a", "b", "c"].map((name) => kube.get(configMaps, "apps", name)));
    await kube.get(configMaps, "apps", "d");
    expect(authorizations).toEqual(Array(4).fill("Bearer token-1"));
    expect(runs()).toBe(1);
  });

  test("sends a new token after one 401", async () => {
    const { exec, runs } = plugin();
    const { kube } = connect({ kubeconfig: kubeconfig({ exec }) });
    accepted = "Bearer token-2";
    await expect(kube.get(configMaps, "apps", "a")).rejects.toMatchObject({ status: 401 });
    expect(await kube.get(configMaps, "apps", "a")).toBeDefined();
    expect(runs()).toBe(2);
  });

  test("reads the kubeconfig again after a 401, and throws a ConnectionError when it is broken", async () => {
    const file = kubeconfig({ token: "old" });
    const { kube } = connect({ kubeconfig: file });
    accepted = "Bearer new";
    await expect(kube.get(configMaps, "apps", "a")).rejects.toMatchObject({ status: 401 });
    writeFileSync(file, "");
    await expect(kube.get(configMaps, "apps", "a")).rejects.toMatchObject({ name: "ConnectionError" });
    kubeconfig({ token: "new" });
    expect(await kube.get(configMaps, "apps", "a")).toBeDefined();
  });

  test("throws a ConnectionError with the output of a failed plugin", async () => {
    const { kube } = connect({
      kubeconfig: kubeconfig({
        exec: {
          apiVersion: "client.authentication.k8s.io/v1",
          command: "sh",
          args: ["-c", "echo log in first >&2; exit 1"],
        },
      }),
    });
    await expect(kube.get(configMaps, "apps", "a")).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringContaining("log in first"),
    });
  });
});
