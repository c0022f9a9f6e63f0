import type { Warning } from "./warning.ts";

/**
 * Warns when the TLS Secret is missing. Without it, most ingress controllers use their own certificate, which browsers
 * refuse.
 */
export const tlsSecret: Warning = ({ cluster, tlsSecret: fact }) => {
  const name = cluster.spec.exposure.tls?.secretName ?? "";
  const problem = problemOf(fact);
  return problem === undefined
    ? undefined
    : {
        reason: "TLSSecretMissing",
        message: `spec.exposure.tls.secretName: ${problem.replace("NAME", name)}: browsers get the controller's own certificate; create the Secret with a certificate, or check the Certificate of cert-manager`,
      };
};

function problemOf(fact: Parameters<Warning>[0]["tlsSecret"]): string | undefined {
  if (fact?.state === "missing") return "there is no Secret NAME in this namespace";
  if (fact?.state !== "present") return undefined;
  const missing = ["tls.crt", "tls.key"].find((key) => (fact.keys.get(key)?.bytes ?? 0) === 0);
  return missing === undefined ? undefined : `Secret NAME has no key ${missing}`;
}
