import { describe, expect, test } from "@jest/globals";
import { clientAddress, ignoresForwarded, parseTrustedProxies } from "./client-address.ts";

const addressOf = (trusted: string, peer: string, forwardedFor?: string) =>
  clientAddress(peer, forwardedFor, parseTrustedProxies(trusted)!);

describe("with a number of proxies", () => {
  test.each<{ name: string; trusted: string; peer: string; forwardedFor?: string; want: string }>([
    {
      name: "none: the peer counts, whatever the header contains",
      trusted: "0",
      peer: "198.51.100.7",
      forwardedFor: "203.0.113.1",
      want: "198.51.100.7",
    },
    {
      name: "one: the last entry",
      trusted: "1",
      peer: "10.0.0.1",
      forwardedFor: "6.6.6.6, 203.0.113.1",
      want: "203.0.113.1",
    },
    {
      name: "two: the last but one",
      trusted: "2",
      peer: "10.0.0.1",
      forwardedFor: "6.6.6.6, 203.0.113.1, 10.0.0.2",
      want: "203.0.113.1",
    },
    {
      name: "more than there are entries: the first entry",
      trusted: "5",
      peer: "10.0.0.1",
      forwardedFor: "203.0.113.1",
      want: "203.0.113.1",
    },
    { name: "one that writes nothing: the peer", trusted: "1", peer: "10.0.0.1", want: "10.0.0.1" },
  ])("$name", ({ trusted, peer, forwardedFor, want }) => {
    expect(addressOf(trusted, peer, forwardedFor)).toBe(want);
  });
});

describe("with networks of proxies", () => {
  const trusted = "10.0.0.0/8, 192.168.0.0/16,fd00::/8";
  test.each<{ name: string; peer: string; forwardedFor?: string; want: string }>([
    {
      name: "a peer outside them is the client itself",
      peer: "198.51.100.7",
      forwardedFor: "203.0.113.1",
      want: "198.51.100.7",
    },
    {
      name: "the right-most entry outside them counts",
      peer: "10.0.0.1",
      forwardedFor: "6.6.6.6, 203.0.113.1, 192.168.3.4, 10.9.9.9",
      want: "203.0.113.1",
    },
    { name: "a peer that is IPv4 in IPv6", peer: "::ffff:10.0.0.1", forwardedFor: "203.0.113.1", want: "203.0.113.1" },
    {
      name: "an IPv4 client that was translated to IPv6",
      peer: "fd00::1",
      forwardedFor: "64:ff9b::203.0.113.7",
      want: "203.0.113.7",
    },
    { name: "a translated peer in hexadecimal", peer: "64:ff9b::c633:6407", want: "198.51.100.7" },
    { name: "IPv6 proxies", peer: "fd00::1", forwardedFor: "2001:db8:1:2:3:4:5:6", want: "2001:db8:1:2::/64" },
    {
      name: "entries with ports and brackets, as some proxies write them",
      peer: "10.0.0.1",
      forwardedFor: "[2001:db8:1:2::9]:4711, 192.168.0.9:80",
      want: "2001:db8:1:2::/64",
    },
    {
      name: "everything within them: the left-most",
      peer: "10.0.0.1",
      forwardedFor: "10.0.0.3, 10.0.0.2",
      want: "10.0.0.3",
    },
    {
      name: "an entry that is not an address: the proxy that wrote it",
      peer: "10.0.0.1",
      forwardedFor: "203.0.113.1, unknown",
      want: "10.0.0.1",
    },
    { name: "no entry at all", peer: "10.0.0.1", want: "10.0.0.1" },
  ])("$name", ({ peer, forwardedFor, want }) => {
    expect(addressOf(trusted, peer, forwardedFor)).toBe(want);
  });

  test("a single address is a network of one", () => {
    expect(addressOf("10.0.0.1", "10.0.0.1", "203.0.113.1")).toBe("203.0.113.1");
    expect(addressOf("10.0.0.1", "10.0.0.2", "203.0.113.1")).toBe("10.0.0.2");
  });
});

test.each([
  ["2001:DB8:0:0:1::1", "2001:db8:0:0::/64"],
  ["2001:0db8:0000:0000:ffff::", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["::ffff:cb00:7109", "203.0.113.9"],
  ["0:0:0:0:0:FFFF:cb00:7109", "203.0.113.9"],
])("%s counts as %s, in whatever way it is written", (address, want) => {
  expect(addressOf("0", address)).toBe(want);
});

test("a very long header does not give a very long key", () => {
  expect(addressOf("1", "10.0.0.1", "x".repeat(10_000)).length).toBeLessThanOrEqual(45);
});

test.each([
  "",
  "-1",
  "17",
  "10.0.0.0/33",
  "fd00::/129",
  "nowhere/8",
  "10.0.0.0/8,",
  "10.0.0.0/8;10.1.0.0/16",
  Array(65).fill("10.0.0.0/8").join(","),
])('"%s" says nothing of proxies', (text) => {
  expect(parseTrustedProxies(text)).toBeUndefined();
});

describe("with named networks", () => {
  test.each<{ name: string; trusted: string; peer: string; forwardedFor?: string; want: string }>([
    {
      name: "GKE: Google writes the client, then the address of its load balancer",
      trusted: "private,gke",
      peer: "35.191.8.9",
      forwardedFor: "203.0.113.7, 34.117.20.1",
      want: "203.0.113.7",
    },
    {
      name: "GKE: what a client claims before that does not count",
      trusted: "private,gke",
      peer: "35.191.8.9",
      forwardedFor: "6.6.6.6, 203.0.113.7, 34.117.20.1",
      want: "203.0.113.7",
    },
    {
      name: "GKE before a proxy of our own",
      trusted: "private,gke",
      peer: "10.0.0.3",
      forwardedFor: "203.0.113.7, 34.117.20.1, 35.191.8.9",
      want: "203.0.113.7",
    },
    {
      name: "GKE over IPv6",
      trusted: "gke",
      peer: "2600:2d00:1:1::5",
      forwardedFor: "2001:db8:1:2::9, 2600:1901::1",
      want: "2001:db8:1:2::/64",
    },
    {
      name: "Cloudflare before an ingress controller",
      trusted: "private,cloudflare",
      peer: "10.0.0.3",
      forwardedFor: "203.0.113.7, 172.70.1.2",
      want: "203.0.113.7",
    },
    {
      name: "a peer that is in none of them",
      trusted: "private,cloudflare",
      peer: "198.51.100.1",
      forwardedFor: "203.0.113.7",
      want: "198.51.100.1",
    },
    {
      name: "CloudFront before an ALB: one further proxy whose address is not listed",
      trusted: "private,+1",
      peer: "10.0.0.3",
      forwardedFor: "6.6.6.6, 203.0.113.7, 130.176.1.2",
      want: "203.0.113.7",
    },
    {
      name: "an ALB without the CloudFront that +1 counts",
      trusted: "private,+1",
      peer: "10.0.0.3",
      forwardedFor: "203.0.113.7",
      want: "203.0.113.7",
    },
    {
      name: "further proxies count only after a known one",
      trusted: "private,+1",
      peer: "198.51.100.1",
      forwardedFor: "203.0.113.7, 130.176.1.2",
      want: "198.51.100.1",
    },
    {
      name: "proxies with global IPv6 addresses",
      trusted: "private,2600:1f13:aa:bb00::/56",
      peer: "2600:1f13:aa:bb00::5",
      forwardedFor: "198.51.100.7",
      want: "198.51.100.7",
    },
  ])("$name", ({ trusted, peer, forwardedFor, want }) => {
    expect(addressOf(trusted, peer, forwardedFor)).toBe(want);
  });

  test.each(["+1", "private,+1,+1", "private,+17", "private,+x", "google", "toString", "private,,"])(
    "%j is refused",
    (text) => expect(parseTrustedProxies(text)).toBeUndefined(),
  );
});

describe("ignoresForwarded", () => {
  test.each<{ name: string; trusted: string; peer: string; forwardedFor?: string; want: boolean }>([
    { name: "a trusted proxy", trusted: "private", peer: "10.0.0.1", forwardedFor: "203.0.113.7", want: false },
    { name: "an unknown proxy", trusted: "private", peer: "34.117.20.1", forwardedFor: "203.0.113.7", want: true },
    {
      name: "a proxy where none is trusted",
      trusted: "0",
      peer: "10.0.0.1",
      forwardedFor: "203.0.113.7",
      want: true,
    },
    { name: "a client without the header", trusted: "private", peer: "34.117.20.1", want: false },
  ])("$name: $want", ({ trusted, peer, forwardedFor, want }) => {
    expect(ignoresForwarded(peer, forwardedFor, parseTrustedProxies(trusted)!)).toBe(want);
  });
});
