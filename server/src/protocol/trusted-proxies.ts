import { BlockList, isIP } from "node:net";

/**
 * Which entries of X-Forwarded-For are trusted. hops: those of the last `hops` proxies. networks: those of proxies in
 * these networks, and in front of them of `furtherHops` proxies with any address.
 */
export type TrustedProxies =
  { type: "hops"; hops: number } | { type: "networks"; networks: readonly TrustedNetworks[]; furtherHops: number };

export interface TrustedNetworks {
  addresses: BlockList;
  /**
   * Number of entries that a proxy of these networks writes after the client's entry. They are not addresses of
   * clients.
   */
  writesAfter: number;
}

const MAX_HOPS = 16;
const MAX_ENTRIES = 64;

/** Networks that have a name in TRUSTED_PROXIES. docs/exposure.md says who needs which. */
export const namedNetworks: Readonly<Record<string, { networks: readonly string[]; writesAfter?: number }>> = {
  /** Private networks, in which pods and nodes are: RFC 1918, RFC 6598, RFC 4193, loopback and link-local. */
  private: {
    networks: [
      ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
      ...["fc00::/7", "::1/128", "fe80::/10"],
    ],
  },
  /**
   * Google Front Ends (cloud.google.com/load-balancing/docs/https). They append two entries: the client's address, then
   * their own.
   */
  gke: {
    networks: ["35.191.0.0/16", "130.211.0.0/22", "2600:2d00:1:1::/64", "2600:2d00:1:b029::/64"],
    writesAfter: 1,
  },
  /** The networks of Cloudflare, from cloudflare.com/ips. */
  cloudflare: {
    networks: [
      ...["173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18"],
      ...["108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17"],
      ...["162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"],
      ...["2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32"],
      ...["2a06:98c0::/29", "2c0f:f248::/32"],
    ],
  },
};

/**
 * Parses TRUSTED_PROXIES: a number of proxies from 0 to 16; or a list, separated by commas, of CIDR networks and names
 * of networks, and at most one +N for N further proxies. Undefined for any other text.
 */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= MAX_HOPS ? { type: "hops", hops: Number(text) } : undefined;
  const entries = text.split(",").map((entry) => entry.trim());
  if (entries.length > MAX_ENTRIES) return undefined;
  const furtherHops = parseFurtherHops(entries.filter((entry) => entry.startsWith("+")));
  const networks = parseNetworks(entries.filter((entry) => !entry.startsWith("+")));
  if (furtherHops === undefined || networks === undefined) return undefined;
  return { type: "networks", networks, furtherHops };
}

const blockLists = Object.entries(namedNetworks).map(([name, { networks }]) => {
  const addresses = new BlockList();
  for (const network of networks) addNetwork(addresses, network);
  return { name, addresses };
});

/** The name of the network that contains this address. Undefined if no named network does. */
export function networkNameOf(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return blockLists.find(({ addresses }) => addresses.check(address, version === 4 ? "ipv4" : "ipv6"))?.name;
}

/**
 * The number N of the entry +N. 0 if there is no such entry. Undefined if an entry is not valid or there are several.
 */
function parseFurtherHops([first, ...others]: readonly string[]): number | undefined {
  if (first === undefined) return 0;
  const digits = /^\+(\d{1,2})$/.exec(first)?.[1];
  if (digits === undefined || others.length > 0 || Number(digits) > MAX_HOPS) return undefined;
  return Number(digits);
}

/**
 * Parses a list of networks. Undefined if the list is empty, or if an entry is neither a network nor the name of one.
 */
function parseNetworks(entries: readonly string[]): readonly TrustedNetworks[] | undefined {
  if (entries.length === 0) return undefined;
  const plain = new BlockList();
  const networks: TrustedNetworks[] = [{ addresses: plain, writesAfter: 0 }];
  for (const entry of entries) {
    const named = Object.hasOwn(namedNetworks, entry) ? namedNetworks[entry] : undefined;
    const writesAfter = named?.writesAfter ?? 0;
    const addresses = writesAfter === 0 ? plain : new BlockList();
    if (!(named?.networks ?? [entry]).every((network) => addNetwork(addresses, network))) return undefined;
    if (addresses !== plain) networks.push({ addresses, writesAfter });
  }
  return networks;
}

/** Adds a network to a list of addresses. Returns false if the text is not a network. */
function addNetwork(addresses: BlockList, text: string): boolean {
  const [, address = "", digits] = /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = digits === undefined ? most : Number(digits);
  if (version === 0 || bits > most) return false;
  addresses.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  return true;
}
