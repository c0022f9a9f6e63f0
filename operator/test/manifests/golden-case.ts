import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { withDefaults } from "../../src/api/with-defaults.ts";
import type { Manifest } from "../../src/manifests/shared/child.ts";
import type { Inputs } from "../../src/manifests/shared/inputs.ts";
import { templateVersions } from "../../src/manifests/shared/pod-release.ts";
import { desired } from "../../src/reconcile/desired.ts";

export const goldenFolder = join(import.meta.dirname, "../../testdata/golden");

/**
 * A folder of testdata/golden. It has a cluster as a user writes it. Some cases also have the state that the operator
 * observes.
 */
export interface GoldenCase {
  name: string;
  /** The cluster as the file has it. */
  written: RealtimeCluster;
  /** The cluster as the API server would return it. */
  cluster: RealtimeCluster;
  inputs: Inputs;
  manifests: Manifest[];
  /** The objects in manifests.yaml. */
  shown: Manifest[];
}

/** The inputs of the manifests, unless a case sets others. The secrets are fixed here instead of random. */
export const usualImages = { gateway: "registry.example.com/gateway:1", redis: "registry.example.com/redis:7" };
export const usualInputs: Inputs = {
  releases: {
    gateway: { template: templateVersions.gateway.newest, image: usualImages.gateway },
    redis: { template: templateVersions.redis.newest, image: usualImages.redis },
  },
  secrets: { redisPassword: "c0ffee", adminToken: "decade", publishToken: "accede", handlerSecret: "facade" },
  liveGeneration: 1,
  operatorNamespace: "realtime-system",
  installed: new Set(),
  routeRuleFields: new Set(["timeouts"]),
};

export const goldenCases: readonly GoldenCase[] = readdirSync(goldenFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => goldenCase(name));

interface CaseFile {
  /**
   * The kinds in the case's manifests.yaml. Undefined: all kinds. A case leaves out kinds that other cases have
   * already.
   */
  about?: string[];
  routeRuleFields?: string[];
  replicasUntilHandedOver?: number;
}

export function goldenCase(name: string): GoldenCase {
  const written = parse(readFileSync(join(goldenFolder, name, "cluster.yaml"), "utf8")) as RealtimeCluster;
  const cluster = asRead(written);
  const file = join(goldenFolder, name, "case.yaml");
  const { about, routeRuleFields, ...rest } = existsSync(file) ? (parse(readFileSync(file, "utf8")) as CaseFile) : {};
  const inputs = {
    ...usualInputs,
    ...rest,
    ...(routeRuleFields === undefined ? {} : { routeRuleFields: new Set(routeRuleFields) }),
  };
  const manifests = desired(cluster, inputs);
  return {
    name,
    written,
    cluster,
    inputs,
    manifests,
    shown: manifests.filter(({ kind }) => about?.includes(kind) ?? true),
  };
}

/** A cluster as a user writes it, with the fields that the API server would add. */
export function asRead(written: RealtimeCluster): RealtimeCluster {
  return withDefaults({
    ...written,
    metadata: { ...written.metadata, uid: "00000000-0000-4000-8000-000000000001", generation: 1 },
  });
}

export function yamlOf(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}
