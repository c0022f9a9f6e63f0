import { isIP } from "node:net";
import type { Warning } from "./warning.ts";

/**
 * Warns when requests to a handler are not encrypted. The requests contain the claims of tokens, and the data that
 * clients send.
 */
export const plainHandler: Warning = ({ cluster: { spec } }) => {
  const plain = spec.handlers.filter(({ url }) => url !== undefined && isPlainToOutside(new URL(url)));
  const [first] = plain;
  if (first?.url === undefined) return undefined;
  const more = plain.length === 1 ? "" : `, and ${plain.length - 1} more`;
  return {
    reason: "HandlerNotEncrypted",
    message: `spec.handlers sends what clients send over plain http to ${new URL(first.url).host} (${first.name})${more}, which may be outside this Kubernetes cluster: use https, or name a Service in service`,
  };
};

/**
 * A host name without dots is a Service in the cluster's namespace. A Service in another namespace is
 * NAME.NAMESPACE.svc.
 */
function isPlainToOutside({ protocol, hostname }: URL): boolean {
  const isService = isIP(hostname) === 0 && (!hostname.includes(".") || /\.svc(\.|$)/.test(hostname));
  return protocol === "http:" && !isService;
}
