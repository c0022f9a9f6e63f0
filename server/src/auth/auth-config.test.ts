import { expect, test } from "@jest/globals";
import { parseAuth } from "./auth-config.ts";

function problemsOf(issuer: string): readonly string[] {
  const issuers = JSON.stringify([{ issuer, audience: "b", jwksURL: "https://c/" }]);
  return parseAuth({ secrets: "", issuers, isDemo: false }).problems;
}

const TENANT = "9122040d-6c67-4c5b-b112-36a304b66dad";

test("refuses an issuer with the placeholder of a discovery document", () => {
  expect(problemsOf("https://login.microsoftonline.com/{tenantid}/v2.0")).toEqual([
    "JWT_ISSUERS[0].issuer has a placeholder such as {tenantid}, which no token has: write the iss of your tokens, and one entry for each tenant",
  ]);
});

test.each(["common/v2.0", "organizations/v2.0", "consumers", "contoso.onmicrosoft.com/v2.0"])(
  "refuses an issuer of Entra ID with the tenant %s",
  (tenant) => {
    const want = [
      "JWT_ISSUERS[0].issuer has no tenant's id, but tokens of Entra ID have it in their iss: write the iss of your tokens, and one entry for each tenant",
    ];
    expect(problemsOf(`https://login.microsoftonline.com/${tenant}`)).toEqual(want);
    expect(problemsOf(`https://sts.windows.net/${tenant}`)).toEqual(want);
  },
);

test.each([
  `https://login.microsoftonline.com/${TENANT}/v2.0`,
  `https://sts.windows.net/${TENANT}/`,
  "https://tenant.auth0.com/",
  "accounts.google.com",
])("accepts the issuer %s", (issuer) => {
  expect(problemsOf(issuer)).toEqual([]);
});
