import { expect, test } from "@jest/globals";
import { KEYS_NOT_READ_YET } from "../../../server/src/auth/issuer-keys.ts";
import { hasNotReadKeysYet } from "../../src/reconcile/facts/issuer-reports.ts";

test("the operator knows the reason of a gateway that has not read an issuer's keys yet", () => {
  const issuer = "https://id.example.com";
  expect(hasNotReadKeysYet({ issuers: [{ issuer, keys: "none", reason: KEYS_NOT_READ_YET }] })).toBe(true);
  expect(hasNotReadKeysYet({ issuers: [{ issuer, keys: "none", reason: "HTTP 404" }] })).toBe(false);
});
