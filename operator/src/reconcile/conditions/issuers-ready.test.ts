import { emptyFacts } from "../../../test/reconcile/build.ts";
import { allAnswered, firstAnswered, found, healthy, testCondition } from "../../../test/reconcile/condition-cases.ts";

const issuer = "https://id.example.com";
const entry = { issuer, audience: "chat", jwksURL: `${issuer}/jwks` };
const withIssuers = healthy({ auth: { jwt: { issuers: [entry] } } });
const state = (keys: "kept" | "none", reason = "fetch failed: getaddrinfo ENOTFOUND id.example.com") => ({
  issuers: [{ issuer, keys, reason }],
});
const other = { issuer: "https://other.example.com", keys: "kept" as const, reason: "the answer was 503" };

testCondition("IssuersReady", [
  ["tokens are verified with a secret", found(healthy({})), "True Disabled"],
  ["everybody is let in", found(healthy({ auth: { type: "None" } })), "True Disabled"],
  ["all keys are read", found(withIssuers), "True KeysRead"],
  ["nobody has answered", found({ ...emptyFacts(), cluster: withIssuers.cluster }), "Unknown NotReported"],
  [
    "all gateways read them for the first time",
    found(allAnswered(withIssuers, state("none", "not read yet"))),
    "Unknown ReadingKeys",
  ],
  [
    "a new gateway reads them for the first time",
    found(firstAnswered(withIssuers, state("none", "not read yet"))),
    "True KeysRead",
  ],
  [
    "no gateway has keys",
    found(allAnswered(withIssuers, state("none"))),
    "False KeysMissing",
    "2 of 2 gateways have no keys of https://id.example.com (pod chat-server-1: fetch failed: getaddrinfo ENOTFOUND id.example.com): they refuse its tokens, and stock clients try again; check the issuer's jwksURL, and DNS, TLS and the network from the gateways to it",
  ],
  ["one gateway has none", found(firstAnswered(withIssuers, state("none"))), "False KeysPartlyMissing"],
  [
    "the provider is away and keys are kept",
    found(allAnswered(withIssuers, state("kept", "the answer was 503"))),
    "False KeysKept",
    "2 of 2 gateways cannot read the keys of https://id.example.com now (pod chat-server-1: the answer was 503): they still use the keys that they read before, but they refuse tokens with newer keys, and new gateways refuse all its tokens; check the issuer's jwksURL, and DNS, TLS and the network from the gateways to it",
  ],
  [
    "one issuer is away and another has no keys",
    found(allAnswered(withIssuers, { issuers: [other, ...state("none").issuers] })),
    "False KeysMissing",
    "2 of 2 gateways have no keys of https://id.example.com (pod chat-server-1: fetch failed: getaddrinfo ENOTFOUND id.example.com): they refuse its tokens, and stock clients try again; check the issuer's jwksURL, and DNS, TLS and the network from the gateways to it; 1 more of the issuers cannot be read",
  ],
]);
