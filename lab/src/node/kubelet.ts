import { join } from "node:path";
import type { Layout } from "./layout.ts";

/** KubeletConfiguration. JSON is YAML. */
export function kubeletConfig(layout: Layout): string {
  return JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: layout.nodeAddress,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(layout.pki, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: join(layout.pki, "kubelet-server.crt"),
    tlsPrivateKeyFile: join(layout.pki, "kubelet-server.key"),
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${layout.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [layout.dnsAddress],
    clusterDomain: "cluster.local",
    resolvConf: "",
    // A full disk of the machine is no reason to throw pods out of a lab.
    evictionHard: {
      "memory.available": "0%",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
    },
    imageGCHighThresholdPercent: 100,
    volumePluginDir: "/var/lib/kubelet/volumeplugins",
    nodeStatusUpdateFrequency: "4s",
    kubeAPIQPS: 300,
    kubeAPIBurst: 600,
    shutdownGracePeriod: "0s",
    healthzPort: 10248,
    oomScoreAdj: 0,
  });
}

/** Absent where the kernel's br_netfilter is not loaded, which concerns the whole machine and is not for a lab to do. */
export const BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/**
 * KubeProxyConfiguration: connection tracking limits belong to the machine and are left alone. Where the firewall does not see
 * what the bridge passes between pods, a Service's answer would go past its translation: there every call gets the node's address.
 */
export function kubeProxyConfig(layout: Layout, bridgeFilter: "present" | "absent"): string {
  return JSON.stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    nftables: { masqueradeAll: bridgeFilter === "absent" },
    hostnameOverride: layout.nodeName,
    clusterCIDR: layout.podRange,
    clientConnection: { kubeconfig: join(layout.folder, "proxy.kubeconfig") },
    conntrack: { maxPerCore: 0, min: 0 },
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    oomScoreAdj: 0,
  });
}
