import { createServer, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import type { AddressInfo } from "node:net";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import type { FakePod } from "../../../testkit/fake-kube/fake-pods.ts";
import type { Kube } from "../../src/kube/kube.ts";
import type { PodPort } from "../../src/kube/http/pod-proxy.ts";

/** Pods of an API server that has no node: each is an HTTP server of this process, and its address is written into its status. */
export function standInPods(kube: Kube) {
  const servers: Server[] = [];

  async function listen(answer: FakePod): Promise<number> {
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      request.on("end", () => {
        const headers = request.headers as Record<string, string>;
        const { status, body } = answer({
          method: request.method as "GET" | "POST",
          path: request.url ?? "",
          headers,
          ...(text === "" ? {} : { body: JSON.parse(text) as object }),
        });
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(typeof body === "string" ? body : JSON.stringify(body));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, ownAddress(), resolve));
    return (server.address() as AddressInfo).port;
  }

  return {
    /** `undefined`: nobody listens. A pod that exists keeps what it is and gets an address. */
    async run(
      namespace: string,
      name: string,
      answer: FakePod | undefined,
      labels: Record<string, string> = {},
    ): Promise<PodPort> {
      const port = answer === undefined ? 1 : await listen(answer);
      const pod: KubeObject = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace, labels },
        spec: { containers: [{ name: "gateway", image: "example.test/none:1" }] },
      };
      await kube.apply(resources.pods, pod);
      const status = {
        phase: "Running",
        podIP: ownAddress(),
        podIPs: [{ ip: ownAddress() }],
        conditions: [{ type: "Ready", status: "True" }],
      };
      await kube.apply(
        resources.pods,
        { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, status },
        { subresource: "status" },
      );
      return { namespace, name, port };
    },
    async stop(): Promise<void> {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise((resolve) => {
              server.close(resolve);
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

/** An address of this machine that is not loopback: the API server refuses to proxy there (k8s.io/apimachinery, IsProxyableIP). */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  if (own === undefined)
    throw new Error("this machine has no address but loopback, and an API server does not proxy there");
  return own.address;
}
