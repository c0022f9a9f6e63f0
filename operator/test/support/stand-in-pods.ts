import { createServer, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import type { AddressInfo } from "node:net";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import type { FakePod } from "../../../testkit/fake-kube/fake-pods.ts";
import type { Kube } from "../../src/kube/kube.ts";
import type { PodPort } from "../../src/kube/http/pod-proxy.ts";

/**
 * Replaces pods, because there is no node to run them. Each pod is an HTTP server in this process, and the pod's status
 * has the server's address.
 */
export function standInPods(kube: Kube, placement: { nodeName?: string } = {}) {
  const servers: Server[] = [];
  const listen = async (answer: FakePod): Promise<number> => {
    const server = serverOf(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, ownAddress(), resolve));
    return (server.address() as AddressInfo).port;
  };
  return {
    /**
     * Creates a pod with an HTTP server. If `answer` is undefined, there is no server. If the pod already exists, it is
     * kept, and its status gets the address.
     */
    async run(
      namespace: string,
      name: string,
      answer: FakePod | undefined,
      labels: Record<string, string> = {},
    ): Promise<PodPort> {
      const port = answer === undefined ? 1 : await listen(answer);
      await applyPod(kube, { name, namespace, labels }, placement);
      return { namespace, name, port };
    },
    async stop(): Promise<void> {
      await Promise.all(servers.map(close));
    },
  };
}

function serverOf(answer: FakePod): Server {
  return createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    request.on("end", () => {
      const { status, body } = answer({
        method: request.method as "GET" | "POST",
        path: request.url ?? "",
        headers: request.headers as Record<string, string>,
        ...(text === "" ? {} : { body: JSON.parse(text) as object }),
      });
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
}

async function applyPod(kube: Kube, metadata: KubeObject["metadata"], placement: object): Promise<void> {
  const { name, namespace } = metadata;
  const pod = { apiVersion: "v1", kind: "Pod" };
  const spec = { ...placement, containers: [{ name: "gateway", image: "example.test/none:1" }] };
  await kube.apply(resources.pods, { ...pod, metadata, spec });
  const status = {
    phase: "Running",
    podIP: ownAddress(),
    podIPs: [{ ip: ownAddress() }],
    conditions: [{ type: "Ready", status: "True" }],
  };
  const identity = { name, ...(namespace === undefined ? {} : { namespace }) };
  await kube.apply(resources.pods, { ...pod, metadata: identity, status }, { subresource: "status" });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/**
 * An address of this machine other than loopback. The API server forwards no requests to loopback addresses
 * (apimachinery, IsProxyableIP).
 */
export function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  if (own === undefined)
    throw new Error("this machine has no address but loopback, and an API server does not proxy there");
  return own.address;
}
