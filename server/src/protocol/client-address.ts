import { BlockList, isIP, SocketAddress } from "node:net";

/** Whose X-Forwarded-For entries are trusted: that many proxies in a row before us, or proxies in these networks. */
export type TrustedProxies = { type: "hops"; hops: number } | { type: "networks"; networks: BlockList };

const MAX_HOPS = 16;
const MAX_NETWORKS = 64;

/** Reads a hop count from 0 to 16 or networks in CIDR notation, comma-separated; undefined when the text is neither. */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= MAX_HOPS ? { type: "hops", hops: Number(text) } : undefined;
  const networks = new BlockList();
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > MAX_NETWORKS) return undefined;
  for (const part of parts) {
    const [, address = "", digits] = /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const bits = digits === undefined ? most : Number(digits);
    if (version === 0 || bits > most) return undefined;
    networks.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  }
  return { type: "networks", networks };
}

/**
 * The address a handshake is counted under. Proxies append to X-Forwarded-For, so it is read from the right, and what stands
 * before the entry that our own proxies wrote is the client's own story. IPv6 addresses count by their /64.
 */
export function clientAddress(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  const hops = forwardedFor === undefined ? [] : forwardedFor.split(",").map(plain);
  const peer = plain(remoteAddress);
  return group(trusted.type === "hops" ? byCount(peer, hops, trusted.hops) : byNetwork(peer, hops, trusted.networks));
}

function byCount(peer: string, hops: readonly string[], count: number): string {
  const chain = [...hops, peer];
  return chain[Math.max(0, chain.length - 1 - count)] ?? peer;
}

/** The right-most entry outside the networks. An entry that is no address ends the search: those before it cannot be trusted. */
function byNetwork(peer: string, hops: readonly string[], networks: BlockList): string {
  let client = peer;
  for (let index = hops.length - 1; index >= 0 && isTrusted(client, networks); index -= 1) {
    const hop = hops[index] ?? "";
    if (isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}

function isTrusted(address: string, networks: BlockList): boolean {
  const version = isIP(address);
  return version !== 0 && networks.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** Without brackets, port and zone, which some proxies write; IPv4 in IPv6 as IPv4. */
function plain(text: string): string {
  // What Node says of a peer, nearly always.
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
