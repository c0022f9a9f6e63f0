import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { KubeObject } from "../../src/api/kube-object.ts";
import { resources } from "../../src/api/resources.ts";
import { ApiError } from "../../src/kube/errors.ts";
import { customKind } from "../../../testkit/fake-kube/served-kinds.ts";
import { idle } from "./manual-clock.ts";
import { start, reset } from "./watched-config-maps.ts";

const { configMaps, httpRoutes } = resources;

describe("when watches or lists fail repeatedly", () => {
  test("backs off when watches end at once", async () => {
    const { kube, clock, run, requests, watch } = start();
    await run();
    for (let i = 0; i < 3; i++) {
      kube.watches.end();
      await idle();
      expect(watch.problem).toBe("the watch of configmaps failed: the server ended the watch at once");
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
    expect(watch.problem).toContain("the watch of configmaps failed: cannot be read");
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
    expect(warned).toEqual(["change listener failed", "change listener failed", "change listener failed"]);
    expect(watch.problem).toBeUndefined();
  });
});

interface Step {
  do: "put" | "remove" | "reset" | "end" | "compact" | "bookmark" | "lose" | "double" | "well" | "refuse" | "wait";
  name?: string;
  x?: string;
  ms?: number;
}

test("the store and the reported changes match the server after any sequence of events", async () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant("put" as const),
      name: fc.constantFrom("a", "b", "c"),
      x: fc.constantFrom("1", "2", "3"),
    }),
    fc.record({ do: fc.constant("remove" as const), name: fc.constantFrom("a", "b", "c") }),
    fc.record({
      do: fc.constantFrom("reset", "end", "compact", "bookmark", "lose", "double", "well", "refuse" as const),
    }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 1_000, 160_000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps: readonly Step[]) => {
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
      const actions: Record<Step["do"], (step: Step) => unknown> = {
        put: ({ name = "", x = "" }) => put(name, x).catch(() => undefined),
        async remove({ name }) {
          const named = kube.objects(configMaps).filter(({ metadata }) => metadata.name === name);
          for (const object of named) await kube.remove(configMaps, object).catch(() => undefined);
        },
        reset: () => kube.watches.end(reset),
        end: () => kube.watches.end(),
        compact: () => kube.compact(),
        bookmark: () => kube.watches.bookmark(),
        double: () => (kube.watches.alter = (event) => [event, event]),
        refuse() {
          kube.intercept = () => ({ fail: new ApiError("no", { status: 500, reason: "InternalError" }) });
        },
        // The watch loses an event, and then its connection breaks. An event cannot be lost on a connection that works,
        // because TCP delivers nothing after lost bytes.
        async lose() {
          kube.watches.alter = () => [];
          await put("lost", String(steps.length)).catch(() => undefined);
          kube.watches.end(reset);
          kube.watches.alter = (event) => [event];
        },
        well,
        wait: ({ ms = 0 }) => clock.advance(ms),
      };
      for (const action of steps) await actions[action.do](action);
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
