import { expect, test } from "@jest/globals";
import { clusterWith } from "../../../test/reconcile/build.ts";
import { liveConfig } from "./live-config.ts";
import { templateVersions } from "./pod-release.ts";

const exposed = { exposure: { type: "Ingress", host: "chat.example.com", tls: { secretName: "tls" } } };
const plain = { exposure: { type: "Ingress", host: "chat.example.com" } };
const app = "https://app.example.com";

test.each([
  { when: "none is listed", spec: exposed, want: ["https://chat.example.com"] },
  { when: "the web app is listed", spec: { ...exposed, origins: [app] }, want: [app, "https://chat.example.com"] },
  {
    when: "TLS may end before the ingress",
    spec: { ...plain, origins: [app] },
    want: [app, "https://chat.example.com", "http://chat.example.com"],
  },
  {
    when: "the exposed host is listed as well",
    spec: { ...exposed, origins: ["https://chat.example.com", "null"] },
    want: ["https://chat.example.com", "null"],
  },
  { when: "all are allowed", spec: { ...exposed, origins: ["*"] }, want: ["*"] },
  { when: "the cluster is not exposed", spec: { exposure: { type: "None" }, origins: [app] }, want: [app] },
])("allows the exposed host as an origin when $when: $want", ({ spec, want }) => {
  expect(liveConfig(clusterWith(spec), 1, templateVersions.gateway.newest).origins).toEqual(want);
});
