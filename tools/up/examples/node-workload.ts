import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** The package for Node from this clone, as `npm install` would install it. */
const PACKAGE = fileURLToPath(new URL("../../../sdk/src/handlers.ts", import.meta.url));
const security = {
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

type EnvironmentVariable = { name: string } & ({ value: string } | { valueFrom: object });

export interface NodeWorkload {
  name: string;
  /** An image that contains Node. */
  image: string;
  /** The file of the program. */
  program: string;
  /** The port on which the program listens, and that of its Service. */
  port: number;
  env: readonly EnvironmentVariable[];
}

export function fromSecret(name: string, secret: string, key: string): EnvironmentVariable {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/**
 * A Deployment with one pod that runs a program of this clone, and its Service. An application builds an image. This
 * needs no registry, because the program is in a ConfigMap.
 */
export async function nodeWorkload({ name, image, program, port, env }: NodeWorkload): Promise<object[]> {
  const labels = { app: name };
  const container = {
    ...{ name: "node", image, command: ["node", "/program/main.mjs"], env },
    ...{ securityContext: security, readinessProbe: { tcpSocket: { port }, periodSeconds: 1 } },
    volumeMounts: [{ name: "program", mountPath: "/program" }],
  };
  const volumes = [{ name: "program", configMap: { name } }];
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { "main.mjs": await bundled(program) } },
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name } },
      spec: {
        ...{ replicas: 1, selector: { matchLabels: labels } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels }, spec: { containers: [container], volumes } },
      },
    },
    { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: labels, ports: [{ port }] } },
  ];
}

/** The program and its packages as one file. */
async function bundled(program: string): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [program], bundle: true, platform: "node", format: "esm", write: false },
    alias: { "@realtime-operator/handlers": PACKAGE },
  });
  return outputFiles[0]!.text;
}
