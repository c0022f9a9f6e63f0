// A fleet is the RealtimeCluster of one end-to-end test. It has its own namespace, with restricted Pod Security, and
// its own host name in the cluster of `make up`.
import { parse } from "yaml";
import { readFileSync } from "node:fs";
import type { RunOptions } from "../run.ts";
import { until } from "../until.ts";
import { readState, type UpState } from "./up-state.ts";
import { ensureJwtSecret, secretValue } from "./jwt-secret.ts";
import { runKubectl } from "./kubectl.ts";
import { applyNamespace } from "./namespace.ts";
import { waitReady } from "./wait-ready.ts";
import { signToken } from "../sign-token.ts";

export interface Fleet {
  state: UpState;
  namespace: string;
  /** Name of the RealtimeCluster. */
  name: string;
  host: string;
  kubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  get<T = KubeView>(resource: string, name: string): Promise<T>;
  list<T = KubeView>(resource: string, selector?: string): Promise<T[]>;
  apply(object: object): Promise<void>;
  /** Applies a JSON merge patch to the RealtimeCluster. */
  patch(patch: object): Promise<void>;
  /** Patches fields that do not restart pods, and waits until every gateway applies the new values. */
  patchLive(spec: object): Promise<void>;
  waitReady(): Promise<void>;
  token(sub: string, rooms?: readonly string[]): Promise<string>;
  /** The gateway pods without those that are being deleted. */
  gateways(): Promise<KubeView[]>;
  condition(type: string): Promise<{ status: string; reason: string; message: string } | undefined>;
  remove(): Promise<void>;
}

export interface KubeView {
  metadata: {
    name: string;
    uid: string;
    generation?: number;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown>;
  status?: {
    conditions?: { type: string; status: string; reason: string; message: string }[];
    containerStatuses?: { restartCount: number; ready: boolean }[];
    podIP?: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export const GATEWAY_SELECTOR = "app.kubernetes.io/component=server";

export function upState(): UpState {
  const state = readState(process.env);
  if (state === undefined)
    throw new Error(
      "the end-to-end tests need the cluster of `make up`, and it does not run: run `make up` first, or `make test-e2e`",
    );
  return state;
}

/**
 * Creates the namespace `e2e-<name>`, without a RealtimeCluster. If this namespace exists already, deletes it first.
 */
export async function emptyFleet(name: string): Promise<Fleet> {
  const state = upState();
  const namespace = `e2e-${name}`;
  const host = `${name}.e2e.realtime.test`;
  const plain = (args: readonly string[], options?: RunOptions) => runKubectl(state, args, options);
  const kubectl = (args: readonly string[], options?: RunOptions) =>
    plain(["--namespace", namespace, ...args], options);
  await plain(["delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s"]);
  await applyNamespace(state, namespace);
  await ensureJwtSecret(state, namespace, "minimal-jwt");
  const secret = await secretValue(state, namespace, "minimal-jwt", "secret");
  const get = async <T>(resource: string, object: string) =>
    JSON.parse(await kubectl(["get", resource, object, "-o", "json"])) as T;
  const list = async <T>(resource: string, selector?: string) => {
    const found = JSON.parse(
      await kubectl(["get", resource, ...(selector === undefined ? [] : ["-l", selector]), "-o", "json"]),
    ) as { items: T[] };
    return found.items;
  };
  const patch = async (change: object) => {
    await kubectl(["patch", "rtc", name, "--type=merge", "--patch", JSON.stringify(change)]);
  };
  return {
    state,
    namespace,
    name,
    host,
    kubectl,
    get,
    list,
    async apply(object) {
      await kubectl(["apply", "--server-side", "-f", "-"], { input: JSON.stringify(object) });
    },
    patch,
    async patchLive(spec) {
      await patch({ spec });
      const { metadata } = await get<KubeView>("rtc", name);
      const isApplied = async () => {
        const { status } = await get<KubeView>("rtc", name);
        const applied = status?.conditions?.find(({ type }) => type === "LimitsApplied");
        return status?.["observedGeneration"] === metadata.generation && applied?.status === "True";
      };
      await until("every gateway to apply the edit", isApplied, 60_000);
    },
    waitReady: () => waitReady(state, namespace, name),
    token: (sub, rooms = ["*"]) => signToken(secret, { sub, rooms }),
    async gateways() {
      const pods = await list<KubeView>("pods", `${GATEWAY_SELECTOR},app.kubernetes.io/instance=${name}`);
      return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    async condition(type) {
      const { status } = await get<KubeView>("rtc", name);
      return status?.conditions?.find((condition) => condition.type === type);
    },
    async remove() {
      // Do not wait until the namespace is deleted: emptyFleet waits for this before it creates the same name again.
      await plain(["delete", "namespace", namespace, "--wait=false"]);
    },
  };
}

/** The manifest of examples/minimal with the fleet's name and host, and with the given fields of its spec replaced. */
export function minimalExample(
  fleet: Fleet,
  spec: Record<string, unknown> = {},
): { metadata: object; spec: Record<string, unknown> } & Record<string, unknown> {
  const example = parse(readFileSync("examples/minimal/cluster.yaml", "utf8")) as {
    spec: { exposure: object } & Record<string, unknown>;
  } & Record<string, unknown>;
  return {
    ...example,
    metadata: { name: fleet.name },
    spec: { ...example.spec, exposure: { ...example.spec.exposure, host: fleet.host }, ...spec },
  };
}

/** Creates a namespace, applies the minimal example in it, and waits until the RealtimeCluster is Ready. */
export async function startFleet(name: string, spec: Record<string, unknown> = {}): Promise<Fleet> {
  const fleet = await emptyFleet(name);
  await fleet.apply(minimalExample(fleet, spec));
  await fleet.waitReady();
  return fleet;
}

export { until };
