import { mkdirSync, readFileSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run.ts";

/** The subject of the certificate: a user or group that has rights through Kubernetes' built-in role bindings. */
interface Certificate {
  name: string;
  authority: "ca" | "front-ca";
  subject: string;
  usage: "serverAuth" | "clientAuth";
  alternativeNames?: readonly string[];
}

export interface PkiOptions {
  folder: string;
  nodeName: string;
  /** Addresses and names in the certificates of the API server and of the kubelet: "IP:10.0.0.1", "DNS:localhost". */
  apiServerNames: readonly string[];
  kubeletNames: readonly string[];
}

export function certificatesOf({ nodeName, apiServerNames, kubeletNames }: PkiOptions): readonly Certificate[] {
  const services = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
  ];
  const client = (name: string, subject: string): Certificate => ({
    name,
    authority: "ca",
    subject,
    usage: "clientAuth",
  });
  return [
    {
      name: "apiserver",
      authority: "ca",
      subject: "/CN=kube-apiserver",
      usage: "serverAuth",
      alternativeNames: [...services.map((name) => `DNS:${name}`), ...apiServerNames],
    },
    {
      name: "kubelet-server",
      authority: "ca",
      subject: `/CN=${nodeName}`,
      usage: "serverAuth",
      alternativeNames: kubeletNames,
    },
    { name: "front-proxy", authority: "front-ca", subject: "/CN=front-proxy-client", usage: "clientAuth" },
    client("apiserver-kubelet", "/O=system:masters/CN=apiserver-kubelet-client"),
    client("admin", "/O=system:masters/CN=admin"),
    client("kubelet", `/O=system:nodes/CN=system:node:${nodeName}`),
    client("controller-manager", "/CN=system:kube-controller-manager"),
    client("scheduler", "/CN=system:kube-scheduler"),
    client("proxy", "/CN=system:kube-proxy"),
  ];
}

/**
 * Creates two certificate authorities, all certificates, and the key that signs service account tokens. Only the owner
 * can read the key files.
 */
export async function createPki(options: PkiOptions): Promise<void> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const openssl = (...args: string[]) => run("openssl", args, { cwd: options.folder });
  const key = (name: string) => openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  await Promise.all(
    ["ca", "front-ca"].map(async (name) => {
      await key(name);
      const extensions = [
        "basicConstraints=critical,CA:TRUE",
        "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
      ].flatMap((extension) => ["-addext", extension]);
      await openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        `${name}.key`,
        "-subj",
        `/CN=${name}`,
        "-days",
        "3650",
        "-out",
        `${name}.crt`,
        ...extensions,
      );
    }),
  );
  await key("sa");
  await openssl("ec", "-in", "sa.key", "-pubout", "-out", "sa.pub");
  let serial = 1;
  await Promise.all(
    certificatesOf(options).map(async ({ name, authority, subject, usage, alternativeNames }) => {
      const number = String(serial++);
      await key(name);
      await openssl("req", "-new", "-key", `${name}.key`, "-subj", subject, "-out", `${name}.csr`);
      const names = alternativeNames === undefined ? "" : `subjectAltName=${alternativeNames.join(",")}\n`;
      writeFileSync(
        join(options.folder, `${name}.ext`),
        `keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=${usage}\n${names}`,
      );
      const signer = ["-CA", `${authority}.crt`, "-CAkey", `${authority}.key`, "-set_serial", number];
      await openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        ...signer,
        "-days",
        "3650",
        "-extfile",
        `${name}.ext`,
        "-out",
        `${name}.crt`,
      );
    }),
  );
}

/** Writes a kubeconfig that contains the client certificate of this name, so it needs no other file. */
export function writeKubeconfig(pki: string, certificate: string, server: string, file: string): void {
  const base64 = (name: string) => readFileSync(join(pki, name)).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "lab",
    contexts: [{ name: "lab", context: { cluster: "lab", user: certificate } }],
    clusters: [{ name: "lab", cluster: { server, "certificate-authority-data": base64("ca.crt") } }],
    users: [
      {
        name: certificate,
        user: {
          "client-certificate-data": base64(`${certificate}.crt`),
          "client-key-data": base64(`${certificate}.key`),
        },
      },
    ],
  };
  writeFileSync(file, JSON.stringify(config, null, 2));
  chmodSync(file, 0o600);
}
