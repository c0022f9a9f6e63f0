import { expect, test } from "@jest/globals";
import { ApiError } from "../../kube/errors.ts";
import type { Manifest } from "../../manifests/shared/child.ts";
import { applyOverDrift } from "./apply-over-drift.ts";

const manifest = {
  ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace: "apps", name: "chat-server" } },
  spec: { selector: { matchLabels: { app: "chat" } } },
} as unknown as Manifest;

/** Applies the manifest while the API server refuses it like this. Returns the verbs of the requests. */
async function verbsAfter(refusal: ApiError): Promise<string[]> {
  const verbs: string[] = [];
  const kube = {
    apply: async () => {
      verbs.push("apply");
      if (verbs.length === 1) throw refusal;
      return manifest;
    },
    get: async () => (verbs.push("get"), manifest),
    remove: async () => void verbs.push("remove"),
    mergePatch: async () => (verbs.push("patch"), manifest),
  };
  const { signal } = new AbortController();
  await applyOverDrift({ manifest }, { kube: kube as never, signal }).catch(() => undefined);
  return verbs;
}

const message = "spec.selector: Invalid value: field is immutable";

test("creates a Deployment again when the API server names its selector as immutable", async () => {
  const causes = [{ field: "spec.selector", message: "Invalid value: field is immutable" }];
  const refusal = new ApiError(message, { status: 422, reason: "Invalid", causes });
  expect(await verbsAfter(refusal)).toEqual(["apply", "get", "remove", "apply"]);
});

test.each([
  { by: "a policy", causes: [{ message }] },
  { by: "a webhook", causes: [] },
  { by: "a rule about another field", causes: [{ field: "spec.replicas", message: "field is immutable" }] },
])("never deletes a Deployment when $by refuses it with the same words", async ({ causes }) => {
  expect(await verbsAfter(new ApiError(message, { status: 422, reason: "Invalid", causes }))).toEqual(["apply"]);
});
