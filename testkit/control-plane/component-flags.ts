// Command-line flags of etcd and the Kubernetes components. Tests on a control plane without nodes use them, and so
// does the lab's node.
import { join } from "node:path";

export interface EtcdFlags {
  dataDir: string;
  clientUrl: string;
  peerUrl: string;
}

/** Flags of etcd. They turn fsync off: test data may be lost in a crash, and the disk may be slow. */
export function etcdFlags({ dataDir, clientUrl, peerUrl }: EtcdFlags): string[] {
  return [
    "--name=lab",
    `--data-dir=${dataDir}`,
    "--unsafe-no-fsync",
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=lab=${peerUrl}`,
    "--log-level=warn",
  ];
}

export interface ApiServerFlags {
  pki: string;
  etcdUrl: string;
  bindAddress: string;
  advertiseAddress: string;
  port: number;
  serviceRange: string;
  authorization: "RBAC" | "Node,RBAC";
  auditLog?: { policy: string; file: string };
  extra?: readonly string[];
}

export function apiServerFlags(flags: ApiServerFlags): string[] {
  const pki = (file: string) => join(flags.pki, file);
  return [
    `--etcd-servers=${flags.etcdUrl}`,
    `--bind-address=${flags.bindAddress}`,
    `--advertise-address=${flags.advertiseAddress}`,
    `--secure-port=${flags.port}`,
    `--service-cluster-ip-range=${flags.serviceRange}`,
    `--authorization-mode=${flags.authorization}`,
    "--allow-privileged=true",
    `--client-ca-file=${pki("ca.crt")}`,
    `--tls-cert-file=${pki("apiserver.crt")}`,
    `--tls-private-key-file=${pki("apiserver.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${pki("sa.pub")}`,
    `--service-account-signing-key-file=${pki("sa.key")}`,
    "--profiling=false",
    ...(flags.auditLog === undefined
      ? []
      : [
          `--audit-policy-file=${flags.auditLog.policy}`,
          `--audit-log-path=${flags.auditLog.file}`,
          "--audit-log-mode=blocking",
        ]),
    ...(flags.extra ?? []),
  ];
}

/**
 * Flags of kube-controller-manager. They raise its request rate: at the default rate, it slows itself down at its
 * start, and the first pods are created 5 s later.
 */
export function controllerManagerFlags(flags: {
  pki: string;
  kubeconfig: string;
  port: number;
  extra?: readonly string[];
}): string[] {
  return [
    `--kubeconfig=${flags.kubeconfig}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${flags.port}`,
    "--leader-elect=false",
    "--kube-api-qps=300",
    "--kube-api-burst=600",
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${join(flags.pki, "sa.key")}`,
    `--root-ca-file=${join(flags.pki, "ca.crt")}`,
    "--profiling=false",
    ...(flags.extra ?? []),
  ];
}
