import { isOwnEntry } from "../../api/field-set.ts";
import type { KubeObject } from "../../api/kube-object.ts";

/** The address that an ingress controller wrote into the status of the Ingress. */
export interface IngressAddress {
  text: string;
  /**
   * False when the operator changed the Ingress after the address was written. The ingress controller that wrote the
   * address may not serve the changed Ingress.
   */
  isCurrent: boolean;
}

/** Reads the address. Undefined while the status has none; some ingress controllers never write one. */
export function ingressAddressOf(ingress: KubeObject): IngressAddress | undefined {
  const status = (ingress["status"] ?? {}) as { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
  const [published] = status.loadBalancer?.ingress ?? [];
  const text = published?.ip ?? published?.hostname;
  return text === undefined ? undefined : { text, isCurrent: isWrittenSinceChange(ingress) };
}

/**
 * Whether a controller wrote the status after the operator's last change. An Ingress has no observedGeneration, so this
 * compares the times in managedFields, which are whole seconds.
 */
function isWrittenSinceChange({ metadata: { managedFields = [] } }: KubeObject): boolean {
  const changedAtMs = Date.parse(managedFields.find(isOwnEntry)?.time ?? "");
  const writtenAtMs = managedFields
    .filter(({ subresource }) => subresource === "status")
    .map(({ time = "" }) => Date.parse(time));
  return !writtenAtMs.every((atMs) => atMs < changedAtMs) || writtenAtMs.length === 0;
}
