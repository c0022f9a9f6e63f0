// Checks that the operator and the gateway fit together. They share no code at run time, so this test imports both.
import { describe, expect, test } from "@jest/globals";
import { parseConfig } from "../../../server/src/config.ts";
import { contract } from "../../../server/src/contract.ts";
import { environment } from "../../../server/src/environment.ts";
import {
  HANDLER_DEFAULTS,
  hookKinds,
  inFlightBounds,
  MAX_EVENTS,
  MAX_HANDLERS,
  problemsOfHandlers,
  timeoutBounds,
} from "../../../server/src/live-config/handler-entries.ts";
import { hashOf, parseLiveConfig } from "../../../server/src/live-config/live-config.ts";
import { LiveState } from "../../../server/src/live-config/live-state.ts";
import { makeMetrics, type MetricSources } from "../../../server/src/observability/metrics.ts";
import { builtInEvents } from "../../../server/src/protocol/client-events.ts";
import { liveBounds } from "../../../server/src/protocol/limits.ts";
import { reservedEvents } from "../../../server/src/protocol/server-events.ts";
import { namedNetworks } from "../../../server/src/protocol/trusted-proxies.ts";
import { customResourceDefinition } from "../../src/api/generated/custom-resource-definition.ts";
import type { JsonSchema } from "../../src/api/json-schema.ts";
import type { RealtimeCluster } from "../../src/api/realtime-cluster.ts";
import { refusals } from "../../src/gateways/gateway-client.ts";
import { environment as rendered, liveConfigFile, type EnvironmentVariable } from "../../src/manifests/shared/env.ts";
import { liveConfig, liveConfigHash } from "../../src/manifests/shared/live-config.ts";
import { templateVersions } from "../../src/manifests/shared/pod-release.ts";
import { ports } from "../../src/manifests/shared/names.ts";
import { quantityOf } from "../../src/manifests/shared/quantity.ts";
import { GRACE_MARGIN_SECONDS } from "../../src/manifests/server-pod-template.ts";
import { goodClientSpecs } from "../crd/good-client-specs.ts";
import { goodHandlerSpecs } from "../crd/handler-specs.ts";
import { asRead, goldenCase, goldenCases, yamlOf } from "../manifests/golden-case.ts";

/** The values that the variables get from Secrets and pod fields. */
const referenced: Readonly<Record<string, string>> = {
  POD_NAME: "chat-server-0",
  ADMIN_TOKEN: "0123456789abcdef0123456789abcdef",
  PUBLISH_TOKEN: "fedcba9876543210fedcba9876543210",
  JWT_SECRET: "0123456789abcdef0123456789abcdef",
  HANDLER_SECRET: "0123456789abcdef0123456789abcdef",
  REDIS_PASSWORD: "c0ffee",
  REDIS_URL: "rediss+sentinel://:secret@sentinel-0:26379,sentinel-1:26379/chat",
};

/**
 * The environment as the gateway's process gets it: references are replaced by their values, and $$ is replaced by $,
 * as the kubelet does.
 */
function processEnvironment(variables: readonly EnvironmentVariable[]): Record<string, string> {
  return Object.fromEntries(
    variables.map(({ name, value }) => [name, value?.replaceAll("$$", "$") ?? referenced[name] ?? ""]),
  );
}

function configOf(variables: readonly EnvironmentVariable[]) {
  const answer = parseConfig(processEnvironment(variables));
  if ("problems" in answer) throw new Error(answer.problems.join("\n"));
  return answer.config;
}

function wantedAuth({ type, jwt }: RealtimeCluster["spec"]["auth"]) {
  if (type === "None") return { type: "none" };
  return jwt?.issuers === undefined ? { type: "hmac" } : { type: "issuers", issuers: jwt.issuers };
}

describe.each(goldenCases)("$name:", ({ cluster, manifests }) => {
  const { spec } = cluster;

  test("the gateway reads and accepts every variable, and each is set once", () => {
    const variables = rendered(cluster, templateVersions.gateway.newest);
    const names = variables.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // NODE_OPTIONS is not among the gateway's variables, because Node itself reads it.
    expect([...Object.keys(environment), "NODE_OPTIONS"]).toEqual(expect.arrayContaining(names));
    expect(configOf(variables)).toMatchObject({
      port: ports.public,
      adminPort: ports.private,
      redisPrefix: spec.redis.type === "None" ? "realtime" : `${cluster.metadata.namespace}.${cluster.metadata.name}`,
      auth: wantedAuth(spec.auth),
      drainTimeoutSeconds: spec.drain.timeoutSeconds,
      liveConfigFile,
      trustedProxies: { type: spec.exposure.type === "None" && spec.trustedProxies.length === 0 ? "hops" : "networks" },
    });
    expect([...configOf(variables).transports].sort()).toEqual([...spec.transports].sort());
    expect(configOf(variables).redis?.length ?? 0).toBe(
      spec.redis.type === "None" ? 0 : (spec.redis.managed?.replicas ?? 1),
    );
  });

  test("the gateway accepts its whole live configuration, and both sides compute the same hash", () => {
    const template = templateVersions.gateway.newest;
    const config = liveConfig(cluster, 7, template);
    const current = configOf(rendered(cluster, template)).live;
    expect(parseLiveConfig(JSON.parse(JSON.stringify(config)), current)).toEqual({ config });
    expect(liveConfigHash(config)).toBe(hashOf(config));
  });

  test("probes, scrapes and routes use the ports and paths where the gateway listens", () => {
    const text = yamlOf(manifests);
    for (const [, path = ""] of text.matchAll(/^ +path: (\/.*)$/gm)) {
      expect([contract.paths.live, contract.paths.ready, contract.paths.metrics, contract.socketPath]).toContain(path);
    }
    expect(text).toContain(`path: ${contract.paths.ready}`);
    const deployment = manifests.find(({ kind }) => kind === "Deployment") as unknown as {
      spec: { template: { spec: { terminationGracePeriodSeconds: number } } };
    };
    const { drainTimeoutSeconds } = configOf(rendered(cluster, templateVersions.gateway.newest));
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBe(
      drainTimeoutSeconds + contract.graceMarginSeconds,
    );
  });

  test("alerts, dashboards and autoscalers use metrics that the gateway has", () => {
    const sources = {} as MetricSources; // these functions are called only at a scrape
    const known = makeMetrics(sources)
      .registry.getMetricsAsArray()
      .map(({ name }) => name);
    const asked = yamlOf(manifests).match(/\b(realtime|nodejs|process)_\w+/g) ?? [];
    for (const name of asked.filter((word) => word !== "realtime_cluster"))
      expect(known).toContain(name.replace(/_(count|bucket)$/, ""));
  });
});

test.each([...goodClientSpecs, ...goodHandlerSpecs])("the gateway accepts $name", ({ spec }) => {
  const { written } = goldenCase("minimal");
  const cluster = asRead({ ...written, spec: { ...written.spec, ...spec } });
  const config = configOf(rendered(cluster, templateVersions.gateway.newest));
  const sent = liveConfig(cluster, 7, templateVersions.gateway.newest);
  expect(parseLiveConfig(sent, config.live)).toEqual({ config: sent });
});

test("the gateway refuses a field in the words that the operator looks for", () => {
  const { live } = configOf([{ name: "JWT_ISSUERS", value: "none" }]);
  for (const [field, [words]] of Object.entries(refusals))
    expect(parseLiveConfig({ generation: 1, unknown: {} }, live)).toEqual({
      problem: expect.stringContaining(words.replace(field, "unknown")) as unknown,
    });
  const handlers = [{ name: "orders", url: "http://orders/", events: ["order:*"] }];
  expect(new LiveState(live).apply({ generation: 1, handlers })).toEqual({
    applied: false,
    why: "invalid",
    problem: expect.stringContaining(refusals.handlers[1]) as unknown,
  });
});

test("the resource names the same networks as the gateway", () => {
  const schema = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema;
  const rules = JSON.stringify(schema.properties?.["spec"]?.properties?.["trustedProxies"]);
  for (const name of Object.keys(namedNetworks)) expect(rules).toContain(`\\"${name}\\"`);
});

test("ports and margins are the same on both sides", () => {
  expect({ public: ports.public, private: ports.private }).toEqual(contract.ports);
  expect(GRACE_MARGIN_SECONDS).toBe(contract.graceMarginSeconds);
});

describe("bounds and defaults", () => {
  const spec = customResourceDefinition.spec.versions[0].schema.openAPIV3Schema.properties?.["spec"]?.properties ?? {};
  const fieldsOf = (name: string): Record<string, JsonSchema> => spec[name]?.properties ?? {};
  const { timeoutSeconds = {}, ...drain } = fieldsOf("drain");
  const { maxBytes = {}, ...recovery } = fieldsOf("recovery");
  const maxConnectionAgeSeconds = spec["maxConnectionAgeSeconds"] ?? {};
  const limits: Record<string, JsonSchema> = {
    ...fieldsOf("limits"),
    ...drain,
    ...recovery,
    maxConnectionAgeSeconds,
  };

  test("the gateway accepts every limit that the resource accepts", () => {
    expect(Object.keys(limits).sort()).toEqual(Object.keys(liveBounds).sort());
    for (const [name, { minimum, maximum }] of Object.entries(limits)) {
      const [least, most] = liveBounds[name as keyof typeof liveBounds];
      expect({ name, minimum, maximum }).toEqual({
        name,
        minimum: Math.max(least, Number(minimum)),
        maximum: Math.min(most, Number(maximum)),
      });
    }
  });

  test("of a handler are the same for a gateway", () => {
    const { maxItems, items = {} } = spec["handlers"] ?? {};
    const { events = {}, hooks = {}, timeoutMilliseconds = {}, maxInFlight = {}, ...others } = items.properties ?? {};
    expect(maxItems).toBe(MAX_HANDLERS);
    expect(events.maxItems).toBe(MAX_EVENTS);
    expect(hooks.items?.enum).toEqual(hookKinds);
    expect([timeoutMilliseconds.minimum, timeoutMilliseconds.maximum]).toEqual(timeoutBounds);
    expect([maxInFlight.minimum, maxInFlight.maximum]).toEqual(inFlightBounds);
    const all = { events, hooks, timeoutMilliseconds, maxInFlight, ...others };
    const defaults = Object.entries(all).flatMap(([name, schema]) =>
      "default" in schema ? [[name, schema.default]] : [],
    );
    expect(Object.fromEntries(defaults)).toEqual(HANDLER_DEFAULTS);
  });

  test("of event names are the same for a gateway", () => {
    const events = spec["handlers"]?.items?.properties?.["events"] ?? {};
    const rules = JSON.stringify(events["x-kubernetes-validations"]);
    for (const name of [...builtInEvents, ...reservedEvents]) expect(rules).toContain(`\\"${name}\\"`);
    const pattern = new RegExp(events.items?.["pattern"] as string, "u");
    for (const name of ["a", "a".repeat(64), "a".repeat(65), "order:*", "*", "", "a b", "é", "a*b", "**"]) {
      const isAccepted =
        problemsOfHandlers([{ name: "orders", url: "http://orders/", events: [name] }], "").length === 0;
      expect({ name, isAccepted }).toEqual({ name, isAccepted: pattern.test(name) });
    }
  });

  test("are the same for a gateway without configuration", () => {
    const { live, drainTimeoutSeconds, recoveryMaxBytes } = configOf([{ name: "JWT_ISSUERS", value: "none" }]);
    const defaults = Object.fromEntries(Object.entries(limits).map(([name, schema]) => [name, schema.default]));
    const { maxConnectionAgeSeconds: ageSeconds } = live;
    const given = { ...live.limits, ...live.drain, ...live.recovery, maxConnectionAgeSeconds: ageSeconds };
    expect(given).toEqual(defaults);
    expect(recoveryMaxBytes).toBe(quantityOf(String(maxBytes.default)));
    expect(drainTimeoutSeconds).toBe(timeoutSeconds.default);
  });
});
