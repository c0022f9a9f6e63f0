import { randomBytes } from "node:crypto";
import { runKubectl } from "./kubectl.ts";
import type { UpState } from "./up-state.ts";

/** Creates the Secret with the key that signs tokens. If the Secret exists, does not change it. */
export async function ensureJwtSecret(state: UpState, namespace: string, name: string): Promise<void> {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    stringData: { secret: randomBytes(32).toString("base64url") },
  };
  const created = runKubectl(state, ["create", "-f", "-"], { input: JSON.stringify(secret) });
  await created.catch((error: Error) => {
    if (!error.message.includes("AlreadyExists")) throw error;
  });
}

export async function secretValue(state: UpState, namespace: string, name: string, key: string): Promise<string> {
  const encoded = await runKubectl(state, [
    "--namespace",
    namespace,
    "get",
    "secret",
    name,
    "-o",
    `jsonpath={.data.${key}}`,
  ]);
  return Buffer.from(encoded, "base64").toString();
}
