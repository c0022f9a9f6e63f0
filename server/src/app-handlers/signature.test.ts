import { createHmac, createSecretKey } from "node:crypto";
import { expect, test } from "@jest/globals";
import { signatureOf } from "./signature.ts";

test("the signature covers the time in seconds and the UTF-8 bytes of the body", () => {
  const body = '{"data":"é"}';
  const wanted = createHmac("sha256", "secret")
    .update(Buffer.from(`1700000000.${body}`))
    .digest("hex");
  expect(signatureOf(body, createSecretKey(Buffer.from("secret")), 1_700_000_000_999)).toBe(
    `t=1700000000,v1=${wanted}`,
  );
});
