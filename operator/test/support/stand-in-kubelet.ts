import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { testAuthority } from "../../../testkit/certificates.ts";
import type { KubeObject } from "../../src/api/kube-object.ts";
import type { Kube } from "../../src/kube/kube.ts";
import type { Resource } from "../../src/kube/resource.ts";

const nodes: Resource = { group: "", version: "v1", plural: "nodes", kind: "Node", namespaced: false };

export interface StandInKubelet {
  nodeName: string;
  stop(): Promise<void>;
}

/**
 * A node whose kubelet does nothing but forward ports to the given address. It behaves as the kubelet's
 * pkg/cri/streaming/portforward/websocket.go. The end-to-end tests send the same requests to a real kubelet.
 */
export async function standInKubelet(kube: Kube, podAddress: string): Promise<StandInKubelet> {
  const authority = await testAuthority();
  const { cert, key } = await authority.issue("kubelet", "IP:127.0.0.1");
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
  const sockets = new WebSocketServer({ server, handleProtocols: () => "v4.channel.k8s.io" });
  sockets.on("connection", (socket, { url = "" }) => {
    forward(socket, podAddress, portIn(url));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await applyNode(kube, (server.address() as AddressInfo).port);
  return {
    nodeName: "stand-in",
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      authority.remove();
    },
  };
}

/**
 * The port in the API server's request. A user's request has the parameter "ports"; the API server sends "port" to the
 * kubelet.
 */
function portIn(url: string): number {
  return Number(new URL(url, "https://kubelet").searchParams.get("port"));
}

function forward(socket: WebSocket, host: string, port: number): void {
  const portNumber = Buffer.alloc(2);
  portNumber.writeUInt16LE(port);
  const send = (channel: 0 | 1, content: Buffer) => socket.send(Buffer.concat([Buffer.of(channel), content]));
  send(0, portNumber);
  send(1, portNumber);
  const pod = connect(port, host);
  socket.on("message", (message: Buffer) => pod.write(message.subarray(1)));
  socket.on("close", () => pod.destroy());
  pod.on("data", (content) => send(0, content));
  pod.on("error", (error) => send(1, Buffer.from(`error forwarding port ${port} to pod: ${error.message}`)));
  pod.on("close", () => socket.close());
}

async function applyNode(kube: Kube, port: number): Promise<void> {
  const node: KubeObject = { apiVersion: "v1", kind: "Node", metadata: { name: "stand-in" } };
  await kube.apply(nodes, node);
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await kube.apply(nodes, { ...node, status }, { subresource: "status" });
}
