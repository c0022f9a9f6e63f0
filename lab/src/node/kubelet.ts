import { join } from "node:path";
import type { Layout } from "./layout.ts";

/** The kubelet's configuration file. It is JSON, which is valid YAML, too. */
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
    // Never evict pods, even if this machine's disk is full.
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

/**
 * This file exists only if the kernel module br_netfilter is loaded. The lab does not load it, because that would
 * change the whole machine.
 */
export const BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/**
 * kube-proxy's configuration file. It leaves the limits of connection tracking unchanged, because they apply to the
 * whole machine. Without br_netfilter, a pod's answer to another pod on the node would not pass the Service's address
 * translation. So all calls to Services are masqueraded: they seem to come from the node, and answers return to it.
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
