import { realtimeClusters } from "../../src/api/realtime-cluster.ts";
import { resources } from "../../src/api/resources.ts";
import { ApiError, ConnectionError } from "../../src/kube/errors.ts";
import { customKind, namespaces } from "../../../testkit/fake-kube/served-kinds.ts";
import { workKubernetes } from "./fake-workloads.ts";
import { namespace, type TranscriptStage } from "./transcript-stage.ts";

type Command = [pattern: RegExp, run: (stage: TranscriptStage, ...words: string[]) => Promise<void> | void];

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const base64 = (length: number) => Buffer.from("0123456789abcdef".repeat(8).slice(0, length)).toString("base64");

/** The commands that a transcript may contain, and what each does. Groups in a pattern are the command's arguments. */
const commands: readonly Command[] = [
  [/^apply cluster (\S+) ?(.*)$/, (stage, name, yaml = "") => stage.cluster(name ?? "", yaml)],
  [
    /^secret (\S+) of (\d+) bytes$/,
    async (stage, name, length) =>
      void (await stage.put(resources.secrets, name ?? "", { data: { secret: base64(Number(length)) } })),
  ],
  [
    /^secret (\S+) with another value$/,
    async (stage, name) =>
      void (await stage.put(resources.secrets, name ?? "", {
        data: { secret: Buffer.from("fedcba9876543210".repeat(2)).toString("base64") },
      })),
  ],
  [/^secret (\S+) may not be read$/, forbid],
  [
    /^somebody makes service (\S+)$/,
    async (stage, name) => void (await stage.put(resources.services, name ?? "", { spec: { ports: [] } })),
  ],
  [/^somebody sets (\S+) of (\S+) (\S+) to (.+) whenever it is not$/, fight],
  [/^somebody sets (\S+) of (\S+) (\S+) to (.+)$/, edit],
  [/^nobody fights any more$/, (stage) => void (stage.server.intercept = () => "pass")],
  [/^delete (\S+) (\S+)$/, (stage, kind, name) => remove(stage, kind, name, "Background")],
  [/^delete cluster (\S+) and orphan its children$/, (stage, name) => remove(stage, "RealtimeCluster", name, "Orphan")],
  [/^garbage is collected$/, (stage) => stage.server.collectGarbage()],
  [/^kubernetes works$/, (stage) => workKubernetes(stage, "ready")],
  [/^kubernetes works, but new pods are not ready$/, (stage) => workKubernetes(stage, "pending")],
  [
    /^pod (\S+) crashes$/,
    (stage, name) =>
      setPod(stage, name, {
        phase: "Running",
        podIP: "10.0.0.1",
        conditions: [{ type: "Ready", status: "False" }],
        containerStatuses: [{ name: "gateway", restartCount: 3, state: { waiting: { reason: "CrashLoopBackOff" } } }],
      }),
  ],
  [
    /^pod (\S+) becomes ready$/,
    (stage, name) =>
      setPod(stage, name, { phase: "Running", podIP: "10.0.0.1", conditions: [{ type: "Ready", status: "True" }] }),
  ],
  [
    /^pod (\S+) has (\d+) connections$/,
    (stage, name, count) => void stage.gateways.connections.set(stage.realName(name ?? ""), Number(count)),
  ],
  [/^pod (\S+) is silent$/, (stage, name) => void stage.gateways.silent.add(stage.realName(name ?? ""))],
  [/^pod (\S+) answers again$/, (stage, name) => void stage.gateways.silent.delete(stage.realName(name ?? ""))],
  [
    /^the autoscaler sets (\d+) replicas$/,
    async (stage, count) =>
      void (await stage.server.apply(
        resources.deployments,
        {
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "chat-server", namespace },
          spec: { replicas: Number(count) },
        },
        { subresource: "scale", fieldManager: "autoscaler" },
      )),
  ],
  [/^(\d+)(ms|s|m|h) pass$/, (stage, count, unit) => stage.advance(Number(count) * (units[unit ?? ""] ?? 0))],
  [/^the api server is away$/, (stage) => fail(stage, () => new ConnectionError("connection refused"))],
  [/^the api server is back$/, (stage) => void (stage.server.intercept = () => "pass")],
  [/^the api server refuses to (\w+) a (\w+) with (\d+)$/, refuse],
  [/^the operator restarts$/, (stage) => (stage.stop(), stage.start())],
  [
    /^the operator is upgraded to (\S+) and (\S+)$/,
    (stage, gateway = "", redis = "") => (stage.stop(), (stage.images = { gateway, redis }), stage.start()),
  ],
  [/^servicemonitors are installed$/, (stage) => stage.server.serve(customKind(resources.serviceMonitors))],
  [/^servicemonitors are removed$/, (stage) => stage.server.unserve(resources.serviceMonitors)],
  [
    /^the namespace is deleted$/,
    async (stage) =>
      void (await stage.server.remove(
        namespaces,
        stage.server.objects(namespaces).find(({ metadata }) => metadata.name === namespace)!,
        { by: "world" } as never,
      )),
  ],
];

export async function runCommand(stage: TranscriptStage, text: string): Promise<void> {
  for (const [pattern, run] of commands) {
    const words = pattern.exec(text);
    if (words !== null) return run(stage, ...words.slice(1));
  }
  throw new Error(`no command is "${text}"`);
}

async function remove(
  stage: TranscriptStage,
  kind = "",
  name = "",
  propagation: "Background" | "Orphan",
): Promise<void> {
  const { resource, object } = stage.find(kind === "cluster" ? "RealtimeCluster" : kind, name);
  await stage.server.remove(resource, object, { propagation, by: "world" } as never);
}

async function edit(stage: TranscriptStage, ...words: string[]): Promise<void> {
  const [field = "", kind = "", name = "", value = ""] = words;
  const { resource } = stage.find(kind === "cluster" ? "RealtimeCluster" : kind, name);
  const body = field.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), JSON.parse(value)) as {
    metadata?: object;
  };
  await stage.put(resource, name, {
    ...body,
    ...(body.metadata === undefined ? {} : { metadata: { name, namespace, ...body.metadata } }),
  });
}

/** Acts as another controller that undoes each of our writes at once. */
async function fight(stage: TranscriptStage, ...words: string[]): Promise<void> {
  const [, kind = "", name = ""] = words;
  const again = (): Promise<void> => edit(stage, ...words);
  stage.server.intercept = ({ verb, name: written, resource, options }) => {
    const isOurs = (options as { fieldManager?: string } | undefined)?.fieldManager === undefined;
    if (verb === "apply" && isOurs && written === name && resource?.kind.toLowerCase() === kind)
      setImmediate(() => void again());
    return "pass";
  };
  await again();
}

async function setPod(stage: TranscriptStage, name = "", status: object): Promise<void> {
  const { object } = stage.find("Pod", name);
  await stage.server.apply(
    resources.pods,
    { apiVersion: "v1", kind: "Pod", metadata: { name: object.metadata.name, namespace }, status },
    { subresource: "status", fieldManager: "kubelet" },
  );
}

function fail(stage: TranscriptStage, error: () => Error): void {
  stage.server.intercept = ({ options }) =>
    (options as { fieldManager?: string } | undefined)?.fieldManager === undefined ? { fail: error() } : "pass";
  stage.server.watches.end(error());
}

/**
 * Makes the API server refuse the watch of the Secret with this name: a list by the object's name fails. A list by
 * label, such as that of our own Secrets, still succeeds.
 */
function forbid(stage: TranscriptStage, name = ""): void {
  stage.server.intercept = ({ verb, options }) =>
    verb === "list" && (options as { fieldSelector?: string }).fieldSelector === `metadata.name=${name}`
      ? { fail: new ApiError(`secrets "${name}" is forbidden`, { status: 403, reason: "Forbidden" }) }
      : "pass";
}

function refuse(stage: TranscriptStage, verb = "", kind = "", status = ""): void {
  stage.server.intercept = (request) =>
    request.verb === verb && request.resource?.kind === kind && request.resource.plural !== realtimeClusters.plural
      ? { fail: new ApiError(`${kind} is refused`, { status: Number(status), reason: "Refused" }) }
      : "pass";
}
