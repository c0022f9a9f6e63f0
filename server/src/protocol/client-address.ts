import { isIP, SocketAddress } from "node:net";
import type { TrustedNetworks, TrustedProxies } from "./trusted-proxies.ts";

export { parseTrustedProxies } from "./trusted-proxies.ts";

/**
 * The IP address for which a handshake is counted; for IPv6, its /64 network. Each proxy appends an entry to
 * X-Forwarded-For, so the header is read from the right. The client could have invented all entries to the left of
 * those that trusted proxies wrote.
 */
export function clientAddress(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  return group(readForwarded(remoteAddress, forwardedFor, trusted).address);
}

/**
 * The client's IP address, and the number of entries of X-Forwarded-For to the left of it (`claims`). A client can
 * write these entries itself, so they are not trusted. Most clients write none. If most handshakes have some, the
 * address belongs to a proxy that is missing in TRUSTED_PROXIES.
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

/**
 * Whether the peer is an untrusted proxy that names its clients in X-Forwarded-For. All clients of this proxy count as
 * one IP address.
 */
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
 * The right-most entry that is not in a trusted network. The search stops at an entry that is not an IP address; the
 * result then is the address of the proxy that wrote this entry.
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
    // The proxy that connects to the gateway must be in a trusted network. Up to N further proxies, from +N, can have
    // any address.
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

/** Removes brackets, port and zone, which some proxies add to an address. An IPv4-mapped IPv6 address becomes IPv4. */
function plain(text: string): string {
  // Nearly all addresses that Node gives for a peer have this form, so handle them first.
  if (/^(?:::ffff:)?[\d.]{7,15}$/.test(text)) return text.slice(text.lastIndexOf(":") + 1);
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
    .replace(/%.*$/, "");
  const mapped = /^::ffff:([\d.]+)$/i.exec(dotted(bare))?.[1];
  return (mapped ?? bare).slice(0, 45);
}

/** Writes an IPv4 address in IPv6 with dots. In hexadecimal, all of them would be in one /64 network. */
function dotted(address: string): string {
  if (!/^[0:]+:ffff:[\da-f]+:[\da-f]+$/i.test(address) || isIP(address) !== 6) return address;
  return new SocketAddress({ address, family: "ipv6" }).address;
}

function group(address: string): string {
  if (!address.includes(":") || isIP(address) !== 6) return address;
  const [head = "", tail] = new SocketAddress({ address, family: "ipv6" }).address.split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  const groups = [...left, ...zeros, ...right];
  return translated(groups) ?? `${groups.slice(0, 4).join(":")}::/64`;
}

/**
 * The IPv4 address in an address of 64:ff9b::/96, in which translators write IPv4 clients for IPv6-only servers (RFC
 * 6052). Otherwise all IPv4 clients would be in one /64 network.
 */
function translated(groups: readonly string[]): string | undefined {
  if (groups.slice(0, 6).join(":") !== "64:ff9b:0:0:0:0") return undefined;
  return groups
    .slice(6)
    .map((group) => parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
}
