import { isIPv6 } from "node:net";

/**
 * The address a handshake is counted under. Proxies append to X-Forwarded-For, so of its entries only the last `trustedProxies`
 * were written by proxies of ours; what stands before them is the client's own story. IPv6 addresses count by their /64.
 */
export function clientAddress(remoteAddress: string, forwardedFor: string | undefined, trustedProxies: number): string {
  const hops = trustedProxies === 0 || forwardedFor === undefined ? [] : forwardedFor.split(",").map((hop) => hop.trim());
  const chain = [...hops, remoteAddress];
  return group(chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? remoteAddress);
}

function group(address: string): string {
  const plain = address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
  if (!isIPv6(plain)) return plain.slice(0, 45);
  const [head = "", tail = ""] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = plain.includes("::") ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0") : [];
  return `${[...left, ...zeros, ...right].slice(0, 4).join(":")}::/64`;
}
