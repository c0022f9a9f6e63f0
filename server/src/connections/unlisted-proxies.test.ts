import { expect, test } from "@jest/globals";
import { UnlistedProxies } from "./unlisted-proxies.ts";

function noting(): {
  proxies: UnlistedProxies;
  lines: object[];
  note: (times: number, address: string, claims: number) => void;
} {
  const lines: object[] = [];
  const proxies = new UnlistedProxies({ warn: (fields: object) => lines.push(fields) });
  const note = (times: number, address: string, claims: number): void => {
    for (let index = 0; index < times; index += 1) proxies.note({ address, claims });
  };
  return { proxies, lines, note };
}

test.each([
  { address: "104.16.0.9", want: "cloudflare" },
  { address: "35.191.8.9", want: "gke" },
  { address: "10.1.2.3", want: "private" },
  { address: "198.51.100.7", want: "unknown" },
])("names the network $want when most handshakes come from $address with entries before it", ({ address, want }) => {
  const { proxies, lines, note } = noting();
  note(19, address, 1);
  expect(proxies.network()).toBeUndefined();
  note(2, address, 1);
  expect(proxies.network()).toBe(want);
  expect(lines).toEqual([{ address, network: want }]);
});

test("reports nothing when few clients send X-Forwarded-For themselves", () => {
  const { proxies, note } = noting();
  note(60, "203.0.113.1", 0);
  note(40, "203.0.113.1", 1);
  expect(proxies.network()).toBeUndefined();
});

test("forgets the proxy when it is trusted by now", () => {
  const { proxies, lines, note } = noting();
  note(1_000, "104.16.0.9", 1);
  note(1_000, "203.0.113.1", 0);
  expect(proxies.network()).toBeUndefined();
  note(1_000, "104.16.0.9", 1);
  expect(lines).toHaveLength(2);
});
