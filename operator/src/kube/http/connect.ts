import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import packageJson from "../../../package.json" with { type: "json" };
import type { Connection, Credentials } from "./connection.ts";
import { httpKube } from "./http-kube.ts";
import type { Kube } from "../kube.ts";
import { httpPodProxy, type PodProxy } from "./pod-proxy.ts";

export interface ConnectOptions {
  /** A kubeconfig file. Default: as kubectl finds it, then the pod's ServiceAccount. */
  kubeconfig?: string;
  /** Default: the kubeconfig's current context. */
  context?: string;
}

export interface ConnectedKube {
  kube: Kube;
  pods: PodProxy;
  server: string;
  /** Of the kubeconfig's context. */
  namespace: string | undefined;
}

/**
 * A Kube as the given kubeconfig says. The client library answers two questions, where the server is and how to authenticate
 * (token files, exec plugins, OIDC, proxies), and is used for nothing else. Throws when there is no configuration to follow.
 */
export function connect(options: ConnectOptions = {}): ConnectedKube {
  const config = load(options);
  const server = config.getCurrentCluster()?.server ?? "";
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim();
  const connection = connectionOf(config, () => load(options));
  return {
    kube: httpKube(connection),
    pods: httpPodProxy(connection),
    server,
    namespace: namespace === "" ? undefined : namespace,
  };
}

function load({ kubeconfig, context }: ConnectOptions): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`the kubeconfig has no context "${config.getCurrentContext()}" with a cluster`);
  // The library's last resort when it found nothing. Refused here, or the first request would fail with a riddle.
  if (kubeconfig === undefined && cluster.server === "http://localhost:8080") {
    throw new Error(
      "no Kubernetes to connect to: KUBECONFIG is not set, ~/.kube/config does not exist, and this is not a pod with a ServiceAccount",
    );
  }
  return config;
}

/** Loads the configuration anew after forgetCredentials(): that is the only way to make the library drop a token it holds. */
function connectionOf(first: KubeConfig, reload: () => KubeConfig): Connection {
  let config: KubeConfig | undefined = first;
  let asked: Promise<Credentials> | undefined;
  const ask = async (): Promise<Credentials> => {
    config ??= reload();
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    // The library's own agent is wanted for its proxies only: it keeps the client certificate it was made with for ever.
    if (config.getCurrentCluster()?.proxyUrl === undefined) delete options.agent;
    return options;
  };
  return {
    server: first.getCurrentCluster()?.server ?? "",
    userAgent: `realtime-operator/${packageJson.version}`,
    // Requests that come together share the answer: an exec plugin may take seconds, or open a browser.
    credentials: () => (asked ??= ask().finally(() => (asked = undefined))),
    forgetCredentials() {
      config = undefined;
    },
  };
}
