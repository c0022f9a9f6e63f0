import { createHash } from "node:crypto";
import type { KubeObject } from "../api/kube-object.ts";
import { weaknessOf } from "./secret-weakness.ts";

/** What is kept in memory of one value of a Secret. */
export interface SecretValue {
  bytes: number;
  /** SHA-256 in hex. */
  hash: string;
  /** Why the value is too weak as an HS256 key. Absent when it is not. */
  weakness?: string;
}

/**
 * The parts of a named object that the operator needs: metadata with its owner and, for a Secret, size, hash and
 * weakness of each value. The values of a Secret are never kept in memory.
 */
export function trimmedNamed(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences } = object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, labels, ownerReferences } as KubeObject["metadata"];
  const trimmed = { apiVersion: object.apiVersion, kind: object.kind, metadata };
  // `data` is missing when a Secret has no keys.
  return object.kind === "Secret"
    ? { ...trimmed, keys: keysOf((object["data"] ?? {}) as Record<string, string>) }
    : trimmed;
}

function keysOf(data: Readonly<Record<string, string>>): Record<string, SecretValue> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const bytes = Buffer.from(value, "base64");
      const weakness = weaknessOf(bytes.toString("utf8"));
      return [
        key,
        {
          bytes: bytes.length,
          hash: createHash("sha256").update(bytes).digest("hex"),
          ...(weakness === undefined ? {} : { weakness }),
        },
      ];
    }),
  );
}
