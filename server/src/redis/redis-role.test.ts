import { expect, test } from "@jest/globals";
import { roleIn } from "./redis-role.ts";

test.each([
  { name: "a primary", info: "# Replication\r\nrole:master\r\nconnected_slaves:1\r\n", want: "primary" },
  { name: "a replica", info: "# Replication\r\nrole:slave\r\nmaster_host:10.0.0.7\r\n", want: "replica" },
  { name: "a replica of Dragonfly", info: "# Replication\r\nrole:replica\r\n", want: "replica" },
  { name: "one of two primaries that copy each other", info: "role:active-replica\r\n", want: "primary" },
  { name: "nothing when the server does not say", info: "", want: "unknown" },
])("tells $name", ({ info, want }) => {
  expect(roleIn(info)).toBe(want);
});
