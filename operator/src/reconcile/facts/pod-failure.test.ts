import { expect, test } from "@jest/globals";
import { podWith } from "../../../test/reconcile/build.ts";
import { unschedulableReasonOf, graceLeftMs, podFailureOf } from "./pod-failure.ts";
import { trimmedPod } from "../../watches/trimmed-pod.ts";

const ended = (exitCode: number, reason: string) => ({ terminated: { exitCode, reason } });

test.each([
  { when: "it runs", container: { started: true, state: {} }, want: undefined },
  {
    when: "it starts for the first time",
    container: { started: false, state: { waiting: { reason: "ContainerCreating" } } },
    want: undefined,
  },
  {
    when: "it was restarted once and starts",
    container: { started: false, restartCount: 1, state: {}, lastState: ended(1, "Error") },
    want: undefined,
  },
  {
    when: "it crashed before and works now",
    container: { started: true, restartCount: 7, state: {}, lastState: ended(1, "Error") },
    want: undefined,
  },
  {
    when: "it waits between two crashes",
    container: {
      started: false,
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: ended(2, "Error"),
    },
    want: "pod p: container gateway keeps exiting, last with exit code 2 (Error), 3 restarts: kubectl -n apps logs p --previous shows why",
  },
  {
    when: "it runs for a moment between two crashes",
    container: { started: false, restartCount: 3, state: {}, lastState: ended(2, "Error") },
    want: "pod p: container gateway keeps exiting, last with exit code 2 (Error), 3 restarts: kubectl -n apps logs p --previous shows why",
  },
  {
    when: "its memory limit is too low",
    container: {
      started: false,
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: ended(137, "OOMKilled"),
    },
    want: "pod p: container gateway keeps exiting, last with exit code 137 (OOMKilled), 3 restarts: raise spec.resources.limits.memory",
  },
  {
    when: "the memory limit of Redis is too low",
    container: { name: "redis", started: false, restartCount: 2, state: ended(137, "OOMKilled") },
    want: "pod p: container redis keeps exiting, last with exit code 137 (OOMKilled), 2 restarts: raise spec.redis.managed.resources.limits.memory",
  },
  {
    when: "a Secret it names lacks a key",
    container: {
      started: false,
      state: { waiting: { reason: "CreateContainerConfigError", message: "couldn't find key url in Secret apps/r" } },
    },
    want: "pod p: container gateway is waiting: CreateContainerConfigError (couldn't find key url in Secret apps/r), 0 restarts",
  },
  {
    when: "an init container keeps exiting",
    container: { state: { waiting: { reason: "PodInitializing" } } },
    first: {
      name: "mesh-init",
      restartCount: 4,
      started: false,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: ended(1, "Error"),
    },
    want: "pod p: container mesh-init keeps exiting, last with exit code 1 (Error), 4 restarts: kubectl -n apps logs p --previous shows why",
  },
  {
    when: "an init container was restarted and succeeded",
    container: { started: true, state: {} },
    first: { name: "mesh-init", restartCount: 4, started: false, state: ended(0, "Completed") },
    want: undefined,
  },
  ...["ErrImagePull", "ImagePullBackOff"].map((reason) => ({
    when: `its image is not there (${reason})`,
    container: {
      image: "registry/gateway:9",
      started: false,
      state: { waiting: { reason, message: "Back-off pulling image: a different text each time" } },
    },
    want: "pod p: image registry/gateway:9 of container gateway cannot be pulled: to see the registry's answer, run: kubectl -n apps describe pod p",
  })),
])("gives a stable message that says what to do when $when", ({ container, want, ...before }) => {
  const initContainerStatuses = "first" in before ? [before.first] : [];
  const pod = podWith("p", {
    isReady: false,
    status: { initContainerStatuses, containerStatuses: [{ name: "gateway", restartCount: 0, ...container }] },
  });
  expect(podFailureOf(trimmedPod(pod))).toBe(want);
  expect(
    podFailureOf({ ...trimmedPod(pod), metadata: { ...pod.metadata, deletionTimestamp: "2026-11-25T12:00:00Z" } }),
  ).toBeUndefined();
});

test("gives the scheduler's reason only while the pod has no node", () => {
  const placed = (status: string, message?: string) =>
    trimmedPod(podWith("p", { status: { phase: "Pending", conditions: [{ type: "PodScheduled", status, message }] } }));
  expect(unschedulableReasonOf(placed("False", "0/3 nodes are available: 3 Insufficient cpu."))).toBe(
    "pod p cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu.",
  );
  expect(unschedulableReasonOf(placed("True"))).toBeUndefined();
});

test.each([
  { when: "it has a node", status: "True", sinceMs: 0, want: undefined },
  { when: "the scheduler has just refused it", status: "False", sinceMs: 1_000_000, want: 60_000 },
  { when: "it waits for a while", status: "False", sinceMs: 960_000, want: 20_000 },
  { when: "it waits for long", status: "False", sinceMs: 900_000, want: 0 },
  { when: "the scheduler's clock is ahead", status: "False", sinceMs: 9_000_000, want: 60_000 },
])("gives $want ms of grace to get a node when $when", ({ status, sinceMs, want }) => {
  const pod = trimmedPod(
    podWith("p", {
      status: {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status, lastTransitionTime: new Date(sinceMs).toISOString() }],
      },
    }),
  );
  expect(graceLeftMs(pod, 1_000_000)).toBe(want);
});
