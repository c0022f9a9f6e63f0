import { expect, test } from "@jest/globals";
import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { RealtimeCluster } from "../../api/realtime-cluster.ts";
import { withDefaults } from "../../api/with-defaults.ts";
import { exposureProfile } from "./profiles.ts";

const spec = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema.properties?.["spec"]?.properties;
const controllers = spec?.["exposure"]?.properties?.["ingress"]?.properties?.["controller"]?.enum as string[];

const profile = (controller: string, transports: string[]) =>
  exposureProfile(
    withDefaults({
      metadata: { name: "chat" },
      spec: {
        transports,
        exposure: { type: "Ingress", host: "a.example.com", tls: { secretName: "a" }, ingress: { controller } },
      },
    }) as unknown as RealtimeCluster,
  );

// Contour is left out: for an Ingress it has no session affinity, so the schema refuses polling.
test.each(controllers.filter((name) => name !== "Contour"))(
  "%s: long-polling gets affinity or advice how to set it; WebSocket-only gets none",
  (controller) => {
    const [websocket, polling] = [profile(controller, ["websocket"]), profile(controller, ["websocket", "polling"])];
    expect(polling).not.toEqual(websocket);
    expect(JSON.stringify(websocket)).not.toMatch(/sticky|stickiness|affinity|cookie/i);
    expect(JSON.stringify(polling)).toMatch(/sticky|stickiness|affinity|cookie/i);
  },
);

test("pages of other sites send the cookie over TLS for each controller that can set SameSite=None", () => {
  for (const controller of ["Traefik", "IngressNginx", "HAProxyIngress"])
    expect(JSON.stringify(profile(controller, ["polling"]))).toMatch(/same-?site/);
});
