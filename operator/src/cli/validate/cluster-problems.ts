import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { KubeObject } from "../../api/kube-object.ts";
import { apiVersion, kind } from "../../api/realtime-cluster.ts";
import { withDefaults } from "../../api/with-defaults.ts";
import { ruleProblems } from "./rule-problems.ts";
import { schemaValidator } from "./schema-problems.ts";
import { unknownFields } from "./unknown-fields.ts";

const schema = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema;
let judge: ReturnType<typeof schemaValidator> | undefined;

/**
 * Everything that is wrong with a written cluster, as far as that can be told without an API server: what it will not take, each
 * with its path. Left out are rules that compare with what is stored, and what Kubernetes asks of metadata but its name.
 */
export function clusterProblems(written: KubeObject): string[] {
  const header = headerProblems(written);
  if (header.length > 0) return header;
  judge ??= schemaValidator(schema); // compiled for the first cluster only: 30 ms that other commands need not wait for
  const cluster = withDefaults(written);
  const wrong = [...unknownFields(written, schema), ...judge(cluster)];
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
      return [`metadata.${field}: must be an object of texts`];
    return Object.entries(texts).flatMap(([name, value]) =>
      typeof value === "string"
        ? []
        : [`metadata.${field}.${name}: must be a text, not ${JSON.stringify(value)}: put it in quotes`],
    );
  });
}
