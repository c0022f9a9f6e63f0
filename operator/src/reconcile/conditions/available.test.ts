import { emptyFacts, healthyFacts, withChild } from "../../../test/reconcile/build.ts";
import { allAnswered, testCondition, found, healthy, problem } from "../../../test/reconcile/condition-cases.ts";

const issuer = "https://id.example.com";
const withoutKeys = (keys: "none" | "kept") =>
  allAnswered(healthy({ auth: { jwt: { issuers: [{ issuer, audience: "chat", jwksURL: `${issuer}/jwks` }] } } }), {
    issuers: [{ issuer, keys, reason: "the answer was 503" }],
  });

testCondition("Available", [
  ["nothing is there", found(emptyFacts()), "False NotFound"],
  [
    "one of two is ready",
    found(healthyFacts({ deployment: { readyReplicas: 1 } })),
    "True GatewayReady",
    "1 of 2 gateways accept connections",
  ],
  ["none is ready", found(healthyFacts({ deployment: { readyReplicas: 0 } })), "False NoGatewayReady"],
  [
    "none is wanted",
    found(healthy({ replicas: 0 }, { deployment: { readyReplicas: 0, replicas: 0 } })),
    "False ScaledToZero",
    "spec.replicas is 0: no gateway runs, so no client can connect",
  ],
  [
    "another client scaled it to 0 while it is paused",
    found(
      withChild(
        healthy({ paused: true }, { deployment: { readyReplicas: 0, replicas: 0 } }),
        "Deployment",
        (child) => ({ ...child, spec: { replicas: 0 } }),
      ),
    ),
    "False ScaledToZero",
    "another program or user has scaled the Deployment to 0: no gateway runs, so no client can connect",
  ],
  ["no gateway has keys of the only issuer", found(withoutKeys("none")), "False NoIssuerKeys"],
  ["the keys of the only issuer are old", found(withoutKeys("kept")), "True GatewayReady"],
  ["it runs and the spec has a problem by now", found(healthyFacts(), { problem }), "True GatewayReady"],
]);
