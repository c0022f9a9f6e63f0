import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { ApiError } from "../../src/kube/errors.ts";
import { idle } from "./manual-clock.ts";
import { resources } from "../../src/api/resources.ts";
import { start, reset } from "./watched-config-maps.ts";

const { configMaps } = resources;

describe("in sync", () => {
  test("reports existing objects as added, then the sync, then each change after storing it", async () => {
    const seen: (KubeObject | undefined)[] = [];
    const { watch, put, run, told, kube } = start({
      onChange: ({ object }) => seen.push(watch.get("default", object.metadata.name)),
    });
    await put("a", "1");
    expect(watch).toMatchObject({ isSynced: false, problem: "not listed yet", heardAtMs: undefined });
    await run();
    expect(watch).toMatchObject({ isSynced: true, problem: undefined });
    const a = await put("a", "2");
    await put("b");
    await kube.remove(configMaps, a);
    await idle();
    expect(told).toEqual(["added a 1", "synced", "modified a 1>2", "added b", "deleted a 2"]);
    expect(seen.map((object) => object?.["data"])).toEqual([{ x: "1" }, { x: "2" }, { x: "" }, undefined]);
  });

  test("starts the next watch at once, without a list, when the server ends one after 240 to 480 s", async () => {
    const { kube, clock, run, put, requests, watch, told } = start({ random: () => 0.99 });
    await run();
    await clock.advance(60_000);
    const { metadata } = await put("a");
    kube.watches.end();
    await idle();
    expect(requests("watch").map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([478, 478]);
    expect(requests("watch")[1]?.resourceVersion).toBe(metadata.resourceVersion);
    expect(requests("list")).toHaveLength(1);
    expect(watch.problem).toBeUndefined();
    expect(told).toEqual(["synced", "added a"]);
  });

  test("a bookmark moves the position and updates heardAtMs", async () => {
    const { kube, clock, run, put, requests, watch } = start({ labelSelector: "kept=yes" });
    await run();
    const { metadata } = await put("not-ours");
    await clock.advance(60_000);
    kube.watches.bookmark();
    await idle();
    expect(watch.heardAtMs).toBe(clock.now());
    kube.watches.end(reset);
    await clock.advance(1_000);
    expect(requests("watch").at(-1)?.resourceVersion).toBe(metadata.resourceVersion);
  });

  test("stores what `keep` returns, from lists and events", async () => {
    const { run, put, watch } = start({ keep: ({ data: _data, ...rest }) => rest });
    await put("a", "1");
    await run();
    await put("b", "1");
    await idle();
    expect([...watch.values()].map((object) => object["data"])).toEqual([undefined, undefined]);
  });

  test("reads a long list page by page", async () => {
    const { put, run, requests, names } = start();
    for (let i = 0; i < 1001; i++) await put(`c-${i}`);
    await run();
    expect(requests("list").map((options) => options.continue === undefined)).toEqual([true, false, false]);
    expect(names()).toHaveLength(1001);
  });
});

describe("when something breaks", () => {
  test("continues from its position after a wait when the connection is reset", async () => {
    const { kube, clock, run, put, requests, watch, told } = start();
    await put("a", "1");
    await run();
    kube.watches.end(reset);
    await idle();
    expect(watch.problem).toBe("the watch of configmaps failed: read ECONNRESET");
    await put("a", "2");
    await put("b");
    await idle();
    expect(told).toEqual(["added a 1", "synced"]);
    await clock.advance(500);
    expect(told).toEqual(["added a 1", "synced", "modified a 1>2", "added b"]);
    expect(watch.problem).toBeUndefined();
    expect(requests("list")).toHaveLength(1);
  });

  test("lists when the position has expired, and reports only the differences", async () => {
    const { kube, clock, run, put, requests, told } = start();
    const gone = await put("gone");
    for (const name of ["same", "changed"]) await put(name, "1");
    await run();
    told.length = 0;
    kube.watches.end(reset);
    await idle();
    await kube.remove(configMaps, gone);
    await put("changed", "2");
    await put("new");
    kube.compact();
    await clock.advance(1_500);
    expect(told).toEqual(["deleted gone", "modified changed 1>2", "added new"]);
    expect(requests("list")).toHaveLength(2);
  });

  test.each([
    { name: "an ERROR event", code: 500, reason: "InternalError" },
    { name: "a position from the future, after a restored backup", code: 504, reason: "Timeout" },
  ])("$name needs a list", async ({ code, reason }) => {
    const { kube, clock, run, put, requests, watch } = start();
    await run();
    kube.watches.alter = () => [{ type: "ERROR", code, reason, message: "it went wrong" }];
    await put("a");
    await idle();
    expect(watch.problem).toBe("the watch of configmaps was refused: it went wrong");
    kube.watches.alter = (event) => [event];
    await clock.advance(1_000);
    expect(requests("list")).toHaveLength(2);
    expect(watch.problem).toBeUndefined();
  });

  test.each([401, 403, 429, 503])(
    "a watch refused with %d keeps its position: an overloaded server is not given lists",
    async (status) => {
      const { kube, clock, run, requests } = start();
      kube.intercept = ({ verb }) =>
        verb === "watch" && kube.requests.length < 4
          ? { fail: new ApiError("not now", { status, reason: "No" }) }
          : "pass";
      await run();
      await clock.advance(10_000);
      expect(requests("list")).toHaveLength(1);
      expect(requests("watch").length).toBeGreaterThan(2);
    },
  );

  test("reports a recreated object as deleted, then added", async () => {
    const { kube, clock, run, put, told, watch } = start();
    const first = await put("a", "1");
    await run();
    kube.watches.end(reset);
    await idle();
    await kube.remove(configMaps, first);
    const second = await put("a", "2");
    kube.compact();
    await clock.advance(2_000);
    expect(told).toEqual(["added a 1", "synced", "deleted a 1", "added a 2"]);
    expect(watch.get("default", "a")?.metadata.uid).toBe(second.metadata.uid);
  });

  test("restarts a silent watch after 150 s and reports what it missed", async () => {
    const { kube, clock, run, put, requests, watch, told, warned } = start();
    await run();
    kube.watches.alter = () => [];
    await put("a");
    await clock.advance(149_000);
    expect(told).toEqual(["synced"]);
    kube.watches.alter = (event) => [event];
    await clock.advance(1_000);
    expect(told).toEqual(["synced", "added a"]);
    expect(watch).toMatchObject({ problem: undefined, heardAtMs: clock.now() });
    expect(requests("list")).toHaveLength(1);
    expect(warned).toEqual([]);
  });

  test("restarts the silence timer on anything received", async () => {
    const { kube, clock, run, requests } = start();
    await run();
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(60_000);
      kube.watches.bookmark();
    }
    await idle();
    expect(requests("watch")).toHaveLength(1);
    await clock.advance(150_000);
    expect(requests("watch")).toHaveLength(2);
  });

  test("reports a problem when a watch is not answered for 150 s", async () => {
    const { kube, clock, run, watch, requests } = start();
    kube.intercept = ({ verb }) => (verb === "watch" ? new Promise(() => undefined) : "pass");
    await run();
    await clock.advance(149_999);
    expect(watch.problem).toBeUndefined();
    await clock.advance(1);
    expect(watch.problem).toBe("the watch of configmaps failed: the API server sent nothing for 150 s");
    kube.intercept = () => "pass";
    await clock.advance(1_000);
    expect(watch.problem).toBeUndefined();
    expect(requests("list")).toHaveLength(1);
  });
});

describe("after the signal aborted", () => {
  test("reports nothing more of a list, not even the sync", async () => {
    const { put, run, told, stopping } = start({ onChange: () => stopping.abort() });
    await put("a");
    await put("b");
    await run();
    expect(told).toEqual(["added a"]);
  });

  test("reports nothing more of a watch, even when an event was on its way", async () => {
    const { put, run, told, stop, kube } = start();
    await run();
    const [first, second] = [put("a"), put("b")];
    await stop();
    await Promise.all([first, second]);
    await idle();
    expect(told).toEqual(["synced"]);
    expect(kube.watches.count).toBe(0);
  });

  test("drops a late list and ends a wait", async () => {
    const late = Promise.withResolvers<"pass">();
    const { put, run, told, stopping, kube, stop } = start();
    await put("a");
    kube.intercept = () => late.promise;
    await run();
    stopping.abort();
    late.resolve("pass");
    await stop();
    expect(told).toEqual([]);
    const waiting = start();
    waiting.kube.intercept = () => ({ fail: reset });
    await waiting.run();
    await waiting.stop();
    expect(waiting.kube.requests).toHaveLength(1);
  });
});
