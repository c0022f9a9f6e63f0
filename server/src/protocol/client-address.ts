import { isIP, SocketAddress } from "node:net";
import type { TrustedNetworks, TrustedProxies } from "./trusted-proxies.ts";

export { parseTrustedProxies } from "./trusted-proxies.ts";

/**
 * The address under which a handshake is counted (for IPv6, its /64 network). Proxies append to X-Forwarded-For, so it
 * is read from the right. Entries to the left of what our own proxies wrote are only claims of the client.
 */
export function clientAddress(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  return group(readForwarded(remoteAddress, forwardedFor, trusted).address);
}

/**
 * The client's address, and the number of entries of X-Forwarded-For to its left. The client can write those, so they
 * are not trusted. Most clients send none: if most handshakes have some, the address is that of an unlisted proxy.
 */
export function readForwarded(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): { address: string; claims: number } {
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(",").map(plain);
  const peer = plain(remoteAddress);
  return trusted.type === "hops" ? byCount(peer, hops, trusted.hops) : byNetwork(peer, hops, trusted);
}

/** Whether a proxy that is not trusted names its client. Then all clients of the proxy count as one address. */
export function ignoresForwarded(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): boolean {
  if (forwardedFor === undefined) return false;
  return trusted.type === "hops" ? trusted.hops === 0 : networkOf(plain(remoteAddress), trusted.networks) === undefined;
}

function byCount(peer: string, hops: readonly string[], count: number): ReturnType<typeof readForwarded> {
  const chain = [...hops, peer];
  const claims = Math.max(0, chain.length - 1 - count);
  return { address: chain[claims] ?? peer, claims };
}

/**
 * Returns the right-most entry outside the trusted networks. An entry that is not an IP address stops the search. The
 * result is then the address of the proxy that wrote the entry.
 */
function byNetwork(
  peer: string,
  hops: readonly string[],
  { networks, furtherHops }: Extract<TrustedProxies, { type: "networks" }>,
): ReturnType<typeof readForwarded> {
  let client = peer;
  let index = hops.length;
  let further = furtherHops;
  while (index > 0) {
    const network = networkOf(client, networks);
    // The first proxy must be in a listed network. The further proxies of +N may have any address.
    if (network === undefined && (client === peer || further === 0)) break;
    if (network === undefined) further -= 1;
    index = Math.max(0, index - 1 - (network?.writesAfter ?? 0));
    const hop = hops[index] ?? "";
    if (isIP(hop) === 0) break;
    client = hop;
  }
  return { address: client, claims: index };
}

function networkOf(address: string, networks: readonly TrustedNetworks[]): TrustedNetworks | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return networks.find(({ addresses }) => addresses.check(address, version === 4 ? "ipv4" : "ipv6"));
}

/** Removes brackets, port and zone, which some proxies write; returns IPv4-mapped IPv6 as IPv4. */
function plain(text: string): string {
  // Fast path: Node nearly always gives a peer's address in this form.
  if (/^(?:::ffff:)?[\d.]{7,15}$/.test(text)) return text.slice(text.lastIndexOf(":") + 1);
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
    .replace(/%.*$/, "");
  const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1];
  return (mapped ?? bare).slice(0, 45);
}

function group(address: string): string {
  if (!address.includes(":") || isIP(address) !== 6) return address;
  const [head = "", tail] = new SocketAddress({ address, family: "ipv6" }).address.split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}
