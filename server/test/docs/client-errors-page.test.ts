import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { refusals } from "../../src/protocol/refusals.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/client-errors.md"), "utf8");

test("the page says what to do for every refusal that a client can meet, and names no other", () => {
  const named = new Set(page.match(/\b[A-Z]+(?:_[A-Z]+)+\b|\bFORBIDDEN\b|\bUNAUTHENTICATED\b|\bINTERNAL\b/g));
  // Leave out DRAINING. A client never gets it as the answer to CONNECT: a draining gateway closes the connection
  // instead.
  const wanted = Object.keys(refusals).filter((code) => code !== "DRAINING");
  expect([...named].sort()).toEqual(wanted.sort());
});
