// Tests what the command line needs to reach pods. The same tests run on the fake and on a real API server, on the
// latter through pods/proxy and through port-forward.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { FakePod } from "../../../testkit/fake-kube/fake-pods.ts";
import type { PodPort, PodProxy } from "../../src/kube/http/pod-proxy.ts";

export interface PodSide {
  pods: PodProxy;
  /** Starts a pod whose server gives this answer. Undefined: no server listens in the pod. */
  run(name: string, answer: FakePod | undefined): Promise<PodPort>;
  stop(): Promise<void>;
}

export function podProxyContract(title: string, start: () => Promise<PodSide>, startWithinMs: number): void {
  describe(`the way to pods by ${title}`, () => {
    let side: PodSide;
    beforeAll(async () => {
      side = await start();
    }, startWithinMs);
    afterAll(() => side.stop());

    test("returns the pod's response of any status", async () => {
      const pod = await side.run("unready", () => ({
        status: 503,
        body: { status: "unavailable", reason: "draining" },
      }));
      const { status, text } = await side.pods.ask(pod, { method: "GET", path: "/api/websocket/health" });
      expect({ status, body: JSON.parse(text) as unknown }).toEqual({
        status: 503,
        body: { status: "unavailable", reason: "draining" },
      });
    });

    test("path, body and headers reach the pod", async () => {
      const pod = await side.run("echo", ({ method, path, body, headers }) => ({
        status: 202,
        body: { method, path, body, token: headers?.["x-realtime-token"] },
      }));
      const { status, text } = await side.pods.ask(pod, {
        method: "POST",
        path: "/shed",
        body: { connections: 3 },
        headers: { "x-realtime-token": "t" },
      });
      expect({ status, body: JSON.parse(text) as unknown }).toEqual({
        status: 202,
        body: { method: "POST", path: "/shed", body: { connections: 3 }, token: "t" },
      });
    });

    test("throws the API server's 404 when the pod does not exist", async () => {
      const { namespace, port } = await side.run("any", () => ({ status: 200, body: "ok" }));
      await expect(
        side.pods.ask({ namespace, name: "nobody", port }, { method: "GET", path: "/" }),
      ).rejects.toMatchObject({ name: "ApiError", status: 404 });
    });

    test("throws the API server's 503 when the pod does not listen", async () => {
      const pod = await side.run("deaf", undefined);
      await expect(side.pods.ask(pod, { method: "GET", path: "/" })).rejects.toMatchObject({
        name: "ApiError",
        status: 503,
      });
    });
  });
}
