import { KubeConfig, type Cluster } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import packageJson from "../../../package.json" with { type: "json" };
import type { Connection, Credentials } from "./connection.ts";
import { environmentProxy, type Environment } from "./environment-proxy.ts";
import { httpKube } from "./http-kube.ts";
import type { Kube } from "../kube.ts";
import { podAccess } from "./pod-access.ts";
import { httpPodPortForward } from "./pod-port-forward.ts";
import { httpPodProxy, type PodProxy } from "./pod-proxy.ts";

export interface ConnectOptions {
  /**
   * Path of a kubeconfig. Default: the file that kubectl would use or, if there is none, the ServiceAccount of the pod.
   */
  kubeconfig?: string;
  /** Name of a kubeconfig context. Default: the current context. */
  context?: string;
  /** The variables of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY are used. Without them, there is no proxy. */
  env?: Environment;
}

export interface ConnectedKube {
  kube: Kube;
  pods: PodProxy;
  server: string;
  /** The namespace of the kubeconfig's context. */
  namespace: string | undefined;
}

/**
 * Connects to the API server that the kubeconfig names. The client library only finds the server and authenticates
 * (token files, exec plugins, OIDC, proxies); requests use our HttpClient. Throws when there is no configuration.
 */
export function connect(options: ConnectOptions = {}): ConnectedKube {
  const config = load(options);
  const server = config.getCurrentCluster()?.server ?? "";
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim();
  const connection = connectionOf(config, () => load(options));
  return {
    kube: httpKube(connection),
    pods: podAccess({ proxy: httpPodProxy(connection), portForward: httpPodPortForward(connection) }),
    server,
    namespace: namespace === "" ? undefined : namespace,
  };
}

/**
 * The same connection as connect(), but without the API verbs. Tests use it to reach pods only through pods/proxy, or
 * only through port-forward.
 */
export function connectionTo(options: ConnectOptions): Connection {
  return connectionOf(load(options), () => load(options));
}

function load({ kubeconfig, context, env = {} }: ConnectOptions): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`the kubeconfig has no context "${config.getCurrentContext()}" with a cluster`);
  // When the library has found no configuration, it uses this server.
  if (kubeconfig === undefined && cluster.server === "http://localhost:8080") {
    throw new Error(
      "no Kubernetes configuration found: set KUBECONFIG, create ~/.kube/config, or run in a pod with a ServiceAccount",
    );
  }
  config.clusters = config.clusters.map((one) => (one === cluster ? { ...one, ...settingsOf(one, env) } : one));
  return config;
}

/**
 * Settings that kubectl has and the client library lacks: a proxy from the environment, and a server without TLS, such
 * as that of `kubectl proxy`.
 */
function settingsOf({ server, proxyUrl }: Cluster, env: Environment): Partial<Cluster> {
  // As in kubectl, an empty proxy-url means that there is none.
  const proxy = proxyUrl || environmentProxy(server, env);
  return {
    ...(proxy === undefined ? {} : { proxyUrl: proxy }),
    ...(server.startsWith("http:") ? { skipTLSVerify: true } : {}),
  };
}

/**
 * After forgetCredentials(), reads the kubeconfig again. The client library caches a token and has no other way to drop
 * it.
 */
function connectionOf(first: KubeConfig, reload: () => KubeConfig): Connection {
  let config: KubeConfig | undefined = first;
  let asked: Promise<Credentials> | undefined;
  const ask = async (): Promise<Credentials> => {
    config ??= reload();
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    // The library's agent keeps its first client certificate forever. So use the library's agent only if requests go
    // through a proxy.
    if (config.getCurrentCluster()?.proxyUrl === undefined) delete options.agent;
    return options;
  };
  return {
    server: first.getCurrentCluster()?.server ?? "",
    userAgent: `realtime-operator/${packageJson.version}`,
    // Concurrent requests wait for one call that gets the credentials. An exec plugin may take seconds for it, or open
    // a browser.
    credentials: () => (asked ??= ask().finally(() => (asked = undefined))),
    forgetCredentials() {
      config = undefined;
    },
  };
}
