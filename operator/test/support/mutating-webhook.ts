import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { testAuthority } from "../../../testkit/certificates.ts";
import type { ControlPlane } from "../../../testkit/control-plane/control-plane.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";

/** One operation of a JSON patch (RFC 6902). */
export interface PatchOperation {
  op: "add" | "replace";
  path: string;
  value: unknown;
}

export interface WebhookOptions {
  /** Only objects in this namespace are sent to the webhook. */
  namespace: string;
  /** The change that the webhook makes to an object that is created or updated. */
  patchOf: (object: KubeObject) => readonly PatchOperation[];
}

/** Starts a mutating admission webhook, as policy engines and injectors have one. It changes objects before storage. */
export async function mutatingWebhook(
  { kubectl }: Pick<ControlPlane, "kubectl">,
  { namespace, patchOf }: WebhookOptions,
): Promise<{ stop(): Promise<void> }> {
  const authority = await testAuthority();
  const { cert, key } = await authority.issue("webhook", "IP:127.0.0.1");
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
        request: { uid: string; object: KubeObject };
      };
      const patch = Buffer.from(JSON.stringify(patchOf(review.request.object))).toString("base64");
      const answer = { uid: review.request.uid, allowed: true, patchType: "JSONPatch", patch };
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ ...review, response: answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const rule = { apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], scope: "Namespaced" };
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: namespace },
    webhooks: [
      {
        name: "mutate.example.com",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Fail",
        reinvocationPolicy: "IfNeeded",
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        rules: [{ ...rule, resources: ["deployments", "statefulsets", "services", "configmaps", "ingresses"] }],
        clientConfig: {
          url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
          caBundle: readFileSync(authority.ca).toString("base64"),
        },
      },
    ],
  };
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify(configuration) });
  return {
    async stop() {
      await kubectl(["delete", "mutatingwebhookconfiguration", namespace]);
      server.close();
      server.closeAllConnections();
      authority.remove();
    },
  };
}
