import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { ApiError, ConnectionError } from "../../src/kube/errors.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { customKind } from "../../../testkit/fake-kube/served-kinds.ts";
import { ListWatch, type Change, type ListWatchOptions } from "../../src/kube/list-watch/list-watch.ts";
import { idle, ManualClock } from "./manual-clock.ts";

const { configMaps, httpRoutes } = resources;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A running list-watch of ConfigMaps on a fake server. */
function start(options: Partial<ListWatchOptions> = {}) {
  const kube = new FakeKube();
  const clock = new ManualClock();
  const told: string[] = [];
  const warned: string[] = [];
  const quiet = () => undefined;
  const stopping = new AbortController();
  const watch = new ListWatch({
    kube,
    resource: configMaps,
    clock,
    random: () => 0,
    logger: { debug: quiet, info: quiet, warn: (_fields, message) => warned.push(message) },
    onSynced: () => told.push("synced"),
    ...options,
    onChange: (change) => {
      told.push(summary(change));
      options.onChange?.(change);
    },
  });
  const began: { running?: Promise<void> } = {};
  const stop = async () => {
    stopping.abort();
    await began.running;
  };
  stops.push(stop);
  return {
    kube,
    clock,
    told,
    warned,
    watch,
    stopping,
    stop,
    run: async () => {
      began.running = watch.run(stopping.signal);
      await idle();
    },
    put: (name: string, x = "") =>
      kube.apply(configMaps, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, namespace: "default" },
        data: { x },
      }),
    requests: (verb: string) =>
      kube.requests
        .filter((request) => request.verb === verb)
        .map((request) => request.options as { resourceVersion?: string; timeoutSeconds?: number; continue?: string }),
    names: () => [...watch.values()].map(({ metadata }) => metadata.name).sort(),
  };
}

const reset = new ConnectionError("read ECONNRESET");

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
    expect(watch.problem).toBe("the watch of configmaps broke: read ECONNRESET");
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
    expect(watch.problem).toBe("the watch of configmaps broke: silent for 150 s");
    kube.intercept = () => "pass";
    await clock.advance(1_000);
    expect(watch.problem).toBeUndefined();
    expect(requests("list")).toHaveLength(1);
  });

  test("backs off when watches end at once", async () => {
    const { kube, clock, run, requests, watch } = start();
    await run();
    for (let i = 0; i < 3; i++) {
      kube.watches.end();
      await idle();
      expect(watch.problem).toBe("the watch of configmaps broke: the server ended the watch at once");
      await clock.advance(5_000);
    }
    expect(clock.waits.filter((ms) => ms < 100_000)).toEqual([250, 500, 1_000]);
    expect(requests("watch")).toHaveLength(4);
  });

  test("doubles waits up to 30 s, half random, and resets them after a long watch", async () => {
    const { kube, clock, run } = start();
    kube.intercept = () => ({ fail: reset });
    await run();
    await clock.advance(200_000);
    expect(clock.waits.slice(0, 10)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
    kube.intercept = () => "pass";
    await clock.advance(30_000);
    kube.watches.end(reset);
    await idle();
    expect(clock.waits.at(-1)).toBe(250);
  });

  test.each([
    { name: "Retry-After is waited for, and the own wait after it", retryAfterMs: 7_000, wantMs: 7_250 },
    { name: "a Retry-After of years is cut", retryAfterMs: 1e12, wantMs: 300_250 },
  ])("$name", async ({ retryAfterMs, wantMs }) => {
    const { kube, clock, run, requests } = start();
    kube.failNext(new ApiError("slow down", { status: 429, reason: "TooManyRequests", retryAfterMs }));
    await run();
    await clock.advance(wantMs - 1);
    expect(requests("list")).toHaveLength(1);
    await clock.advance(1);
    expect(requests("list")).toHaveLength(2);
  });

  test("reports a problem until the definition of the kind is installed", async () => {
    const { kube, clock, run, watch } = start({ resource: httpRoutes });
    kube.unserve(httpRoutes);
    await run();
    expect(watch).toMatchObject({
      isSynced: false,
      problem: expect.stringContaining("does not serve httproutes.gateway.networking.k8s.io in version v1"),
    });
    kube.serve(customKind(httpRoutes));
    await clock.advance(30_000);
    expect(watch).toMatchObject({ isSynced: true, problem: undefined });
  });

  test("reports a problem and no deletions when the kind is removed", async () => {
    const { kube, clock, run, put, watch, told, names } = start();
    await put("a");
    await run();
    kube.watches.end(reset);
    kube.intercept = () => ({
      fail: new ApiError("the server could not find the requested resource", { status: 404, reason: "NotFound" }),
    });
    await clock.advance(60_000);
    expect(watch.problem).toContain("does not serve configmaps");
    expect(names()).toEqual(["a"]);
    expect(told).toEqual(["added a", "synced"]);
  });

  test("restarts a list that expires between pages", async () => {
    const { kube, put, run, requests, names, told } = start();
    for (let i = 0; i < 501; i++) await put(`c-${i}`);
    kube.intercept = ({ verb, options }) => {
      if (
        verb === "list" &&
        (options as { continue?: string }).continue !== undefined &&
        kube.requests.filter((request) => request.verb === "list").length === 2
      )
        kube.compact();
      return "pass";
    };
    await run();
    expect(requests("list").map((options) => options.continue === undefined)).toEqual([true, false, true, false]);
    expect(names()).toHaveLength(501);
    expect(told).toHaveLength(502);
  });

  test("reports a repeated event once", async () => {
    const { kube, run, put, told } = start();
    kube.watches.alter = (event) => [event, event];
    await run();
    const a = await put("a", "1");
    await put("a", "2");
    await kube.remove(configMaps, a);
    await idle();
    expect(told).toEqual(["synced", "added a 1", "modified a 1>2", "deleted a 2"]);
  });

  test("reads an event again when it could not be parsed", async () => {
    let isBroken = true;
    const keep = (object: KubeObject) => {
      if (isBroken) throw new TypeError("cannot be read");
      return object;
    };
    const { put, run, watch, names, clock } = start({ keep });
    await run();
    await put("a");
    await idle();
    expect(watch.problem).toContain("the watch of configmaps broke: cannot be read");
    isBroken = false;
    await clock.advance(1_000);
    expect({ names: names(), problem: watch.problem }).toEqual({ names: ["a"], problem: undefined });
  });

  test("reports later changes when a listener throws", async () => {
    const { run, put, names, warned, watch } = start({
      onChange: () => {
        throw new Error("a bug");
      },
    });
    await put("a");
    await put("b");
    await run();
    await put("c");
    await idle();
    expect(names()).toEqual(["a", "b", "c"]);
    expect(warned).toEqual(["change listener threw", "change listener threw", "change listener threw"]);
    expect(watch.problem).toBeUndefined();
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

test("the store and the reported changes match the server after any sequence of events", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("put"), name: fc.constantFrom("a", "b", "c"), x: fc.constantFrom("1", "2", "3") }),
    fc.record({ do: fc.constant("remove"), name: fc.constantFrom("a", "b", "c") }),
    fc.record({ do: fc.constantFrom("reset", "end", "compact", "bookmark", "lose", "double", "well", "refuse") }),
    fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(1, 1_000, 160_000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const replayed = new Map<string, KubeObject>();
      const { kube, clock, put, run, watch, stop } = start({
        onChange({ type, object, before }) {
          const { name, uid } = object.metadata;
          expect(before).toBe(type === "added" ? undefined : replayed.get(name));
          if (type === "modified") expect(before?.metadata.uid).toBe(uid);
          if (type === "deleted") replayed.delete(name);
          else replayed.set(name, object);
        },
      });
      const ofServer = () => kube.objects(configMaps).map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
      const well = () => {
        kube.intercept = () => "pass";
        kube.watches.alter = (event) => [event];
      };
      await run();
      for (const action of steps) {
        if (action.do === "put" && "x" in action) await put(action.name, action.x).catch(() => undefined);
        else if (action.do === "remove" && "name" in action)
          for (const object of kube.objects(configMaps))
            if (object.metadata.name === action.name) await kube.remove(configMaps, object).catch(() => undefined);
        if (action.do === "reset") kube.watches.end(reset);
        if (action.do === "end") kube.watches.end();
        if (action.do === "compact") kube.compact();
        if (action.do === "bookmark") kube.watches.bookmark();
        if (action.do === "double") kube.watches.alter = (event) => [event, event];
        if (action.do === "refuse")
          kube.intercept = () => ({ fail: new ApiError("no", { status: 500, reason: "InternalError" }) });
        // A connection that loses events breaks before anything else comes through it: TCP has no holes.
        if (action.do === "lose") {
          kube.watches.alter = () => [];
          await put("lost", String(steps.length)).catch(() => undefined);
          kube.watches.end(reset);
          kube.watches.alter = (event) => [event];
        }
        if (action.do === "well") well();
        if (action.do === "wait" && "ms" in action) await clock.advance(action.ms);
      }
      well();
      kube.watches.end(reset);
      await clock.advance(60_000);
      expect([...watch.values()].map(({ metadata }) => [metadata.name, metadata.resourceVersion]).sort()).toEqual(
        ofServer().sort(),
      );
      expect([...replayed.values()].map(({ metadata }) => [metadata.name, metadata.resourceVersion]).sort()).toEqual(
        ofServer().sort(),
      );
      expect(watch.problem).toBeUndefined();
      await stop();
    }),
    { numRuns: 300 },
  );
}, 60_000);

function summary({ type, object, before }: Change): string {
  const x = (of: KubeObject | undefined) => (of?.["data"] as { x?: string } | undefined)?.x ?? "";
  return `${type} ${object.metadata.name} ${type === "modified" ? `${x(before)}>` : ""}${x(object)}`.trim();
}
