import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for requests to a server, from HTTPS_PROXY, HTTP_PROXY and NO_PROXY in capitals or small letters. kubectl
 * has the same rules (golang.org/x/net/http/httpproxy). Undefined when requests go to the server itself.
 */
export function environmentProxy(server: string, env: Environment): string | undefined {
  if (!URL.canParse(server)) return undefined;
  const variable = (name: string) => env[name] || env[name.toLowerCase()];
  const { protocol, hostname, port } = new URL(server);
  const proxy = variable(protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  const host = hostname.replace(/^\[|\]$/g, "");
  if (proxy === undefined || isLoopback(host)) return undefined;
  const exceptions = (variable("NO_PROXY") ?? "").split(",").map((entry) => entry.trim().toLowerCase());
  const usedPort = port || (protocol === "https:" ? "443" : "80");
  if (exceptions.some((entry) => entry !== "" && matches(entry, host, usedPort))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Whether an entry of NO_PROXY is the host: "*", an address, a network, or a domain with or without a port. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*" || entry === host) return true;
  if (isIP(host) !== 0) return isInNetwork(entry, host) || entry === `${host}:${port}` || entry === `[${host}]:${port}`;
  const [, domain, onlyPort] = /^\*?([^:]+)(?::(\d+))?$/.exec(entry) ?? [];
  return domain !== undefined && (onlyPort ?? port) === port && isInDomain(domain, host);
}

function isInDomain(domain: string, host: string): boolean {
  return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isInNetwork(entry: string, address: string): boolean {
  const [, network = "", bits = ""] = /^([\da-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const version = isIP(network);
  if (version === 0 || isIP(address) !== version || Number(bits) > (version === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), version === 4 ? "ipv4" : "ipv6");
  return list.check(address, version === 4 ? "ipv4" : "ipv6");
}
