import { expect, test } from "@jest/globals";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { closeAfterEach } from "../../../testkit/close-after-each.ts";
import { FakePods } from "../../../testkit/fake-kube/fake-pods.ts";
import { ConnectionError } from "../../src/kube/errors.ts";
import { httpPodProxy } from "../../src/kube/http/pod-proxy.ts";
import { podProxyContract } from "./pod-proxy.ts";

podProxyContract(
  "the fake",
  async () => {
    const pods = new FakePods();
    return {
      pods,
      async run(name, answer) {
        pods.running.set(`default/${name}:9090`, answer);
        return { namespace: "default", name, port: 9090 };
      },
      stop: async () => undefined,
    };
  },
  5_000,
);

const keep = closeAfterEach();

test("takes the error page of a proxy in front of the API server as no answer of the pod", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(504, { "content-type": "text/html" }).end("<html>Gateway Time-out</html>");
  });
  keep(server, () => (server.closeAllConnections(), server.close()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const pods = httpPodProxy({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    userAgent: "test",
    credentials: async () => ({}),
    forgetCredentials: () => undefined,
  });
  const pod = { namespace: "default", name: "a", port: 9090 };
  const answer = pods.ask(pod, { method: "GET", path: "/api/websocket/health" });
  await expect(answer).rejects.toThrow(ConnectionError);
  await expect(answer).rejects.toThrow("a proxy answered 504");
});
