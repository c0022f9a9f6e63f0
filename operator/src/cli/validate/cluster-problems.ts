import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { KubeObject } from "../../api/kube-object.ts";
import { apiVersion, kind } from "../../api/realtime-cluster.ts";
import { withDefaults } from "../../api/with-defaults.ts";
import { ruleProblems } from "./rule-problems.ts";
import { schemaValidator } from "./schema-problems.ts";
import { unknownFields } from "./unknown-fields.ts";

const schema = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema;
let validate: ReturnType<typeof schemaValidator> | undefined;

/**
 * What an API server would refuse in a cluster from a file, with the path of each problem. It does not check rules that
 * compare with the stored object, nor metadata other than name, labels and annotations.
 */
export function clusterProblems(written: KubeObject): string[] {
  const header = headerProblems(written);
  if (header.length > 0) return header;
  validate ??= schemaValidator(schema); // compiling takes 30 ms, which other commands do not need
  const cluster = withDefaults(written);
  const wrong = [...unknownFields(written, schema), ...validate(cluster)];
  return wrong.length > 0 ? wrong : ruleProblems(cluster, schema);
}

function headerProblems({ apiVersion: version, kind: word, metadata }: Partial<KubeObject>): string[] {
  if (word !== kind) return [`kind: must be ${kind}, not ${JSON.stringify(word)}`];
  if (version !== apiVersion) return [`apiVersion: must be ${apiVersion}, not ${JSON.stringify(version)}`];
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    return ["metadata: is missing: add metadata.name"];
  if (typeof metadata.name !== "string" || metadata.name === "") return ["metadata.name: is missing: add it"];
  return (["labels", "annotations"] as const).flatMap((field) => {
    const texts: unknown = metadata[field] ?? {};
    if (typeof texts !== "object" || texts === null || Array.isArray(texts))
      return [`metadata.${field}: must map names to strings`];
    return Object.entries(texts).flatMap(([name, value]) =>
      typeof value === "string"
        ? []
        : [`metadata.${field}.${name}: must be a string, not ${JSON.stringify(value)}: put it in quotes`],
    );
  });
}
