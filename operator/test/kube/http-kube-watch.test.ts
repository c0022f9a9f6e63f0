import { describe, expect, test } from "@jest/globals";
import { type ServerResponse } from "node:http";
import { resources } from "../../src/api/resources.ts";
import { respondingServers } from "./responding-server.ts";
import type { WatchEvent } from "../../src/kube/kube.ts";

const { configMaps } = resources;
const serve = respondingServers();

describe("a watch", () => {
  const event = (name: string) =>
    JSON.stringify({
      type: "ADDED",
      object: { kind: "ConfigMap", metadata: { name, uid: "u", resourceVersion: "2" } },
    });
  const watch = (kube: Awaited<ReturnType<typeof serve>>["kube"], signal = new AbortController().signal) =>
    kube.watch(configMaps, { namespace: "default", resourceVersion: "1", timeoutSeconds: 300 }, signal);

  test("asks for bookmarks and sends its time limit", async () => {
    const { kube, requests } = await serve((response) => response.end());
    expect(await drain(watch(kube))).toEqual([]);
    expect(Object.fromEntries(new URL(requests[0]?.url ?? "", "http://x").searchParams)).toEqual({
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: "1",
      timeoutSeconds: "300",
    });
  });

  test("is read line by line however the network splits it", async () => {
    const bytes = Buffer.from(`${event("ä€😀")}\n\n${event("b")}\n${event("no newline at the end")}`);
    const { kube } = await serve((response) => {
      const send = (from: number) =>
        from >= bytes.length ? response.end() : response.write(bytes.subarray(from, from + 1), () => send(from + 1));
      send(0);
    });
    expect(
      (await drain(watch(kube))).map(
        (told) => told.type !== "ERROR" && "name" in told.object.metadata && told.object.metadata.name,
      ),
    ).toEqual(["ä€😀", "b", "no newline at the end"]);
  });

  test.each([
    {
      name: "a connection that breaks",
      answer: (response: ServerResponse) => void response.write(`${event("a")}\n`, () => response.destroy()),
      want: /aborted/,
    },
    {
      name: "an incomplete line",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n{"type":`),
      want: /not JSON/,
    },
    {
      name: "a line that does not end",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n${"x".repeat(9 * 1024 * 1024)}`),
      want: /more than 8388608 bytes/,
    },
    {
      name: "an event of an unknown type",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n{"type":"PATCHED","object":{}}\n`),
      want: /invalid watch event of type "PATCHED"/,
    },
    {
      name: "an event without an object",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\n{"type":"ADDED"}\n`),
      want: /invalid watch event of type "ADDED"/,
    },
    {
      name: "an event of an object of another kind",
      answer: (response: ServerResponse) =>
        void response.end(`${event("a")}\n${event("b").replace("ConfigMap", "Secret")}\n`),
      want: /invalid watch event of type "ADDED"/,
    },
    {
      name: "an event of an object without a uid",
      answer: (response: ServerResponse) =>
        void response.end(`${event("a")}\n${event("b").replace('"uid":"u"', '"uid":null')}\n`),
      want: /invalid watch event of type "ADDED"/,
    },
    {
      name: "a line that is null",
      answer: (response: ServerResponse) => void response.end(`${event("a")}\nnull\n`),
      want: /invalid watch event/,
    },
  ])("$name throws a ConnectionError after what came before it", async ({ answer, want }) => {
    const { kube } = await serve(answer);
    const told: WatchEvent[] = [];
    await expect(drain(watch(kube), told)).rejects.toMatchObject({
      name: "ConnectionError",
      message: expect.stringMatching(want),
    });
    expect(told).toHaveLength(1);
  });

  test("ends and closes its connection when aborted, before and after the response", async () => {
    for (const answer of [() => undefined, (response: ServerResponse) => void response.write(`${event("a")}\n`)]) {
      const stop = new AbortController();
      const closed = Promise.withResolvers<void>();
      const { kube } = await serve((response, request) => {
        request.socket.on("close", () => closed.resolve());
        answer(response);
        setImmediate(() => stop.abort());
      });
      await drain(watch(kube, stop.signal));
      await closed.promise;
    }
  });

  test("closes its connection when its reader stops", async () => {
    const closed = Promise.withResolvers<void>();
    const { kube } = await serve((response, request) => {
      request.socket.on("close", () => closed.resolve());
      response.write(`${event("a")}\n`);
    });
    for await (const told of watch(kube)) {
      expect(told.type).toBe("ADDED");
      break;
    }
    await closed.promise;
  });

  test("yields an ERROR event instead of throwing", async () => {
    const { kube } = await serve((response) =>
      response.end(
        JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } }),
      ),
    );
    expect(await drain(watch(kube))).toEqual([{ type: "ERROR", code: 410, reason: "Expired", message: "too old" }]);
  });

  test("yields an ERROR event without content as 'no reason given'", async () => {
    const { kube } = await serve((response) =>
      response.end(JSON.stringify({ type: "ERROR", object: { code: "410", message: {}, reason: "" } })),
    );
    expect(await drain(watch(kube))).toEqual([
      { type: "ERROR", code: 410, reason: "Unknown", message: "no reason given" },
    ]);
  });
});

async function drain(events: AsyncIterable<WatchEvent>, into: WatchEvent[] = []): Promise<WatchEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}
