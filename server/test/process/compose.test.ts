import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { parseConfig } from "../../src/config.ts";
import { contract } from "../../src/contract.ts";
import { environment } from "../../src/environment.ts";

interface Service {
  environment?: Record<string, string>;
  labels?: Record<string, string>;
  stop_grace_period?: string;
}

const { services } = parse(readFileSync(join(import.meta.dirname, "../../docker-compose.yml"), "utf8")) as {
  services: Record<string, Service>;
};
const gateways = Object.entries(services).filter(([name]) => name.startsWith("gateway-"));

test("the compose file runs three gateways whose environment a gateway accepts", () => {
  expect(gateways).toHaveLength(3);
  for (const [, { environment: given = {} }] of gateways) {
    expect(Object.keys(given).filter((name) => !Object.hasOwn(environment, name))).toEqual([]);
    const filled = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        value
          .replace(/^\$\{[^:]+:\?.*\}$/, "0f4b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b")
          .replace(/^\$\{[^:]+:-(.*)\}$/, "$1"),
      ]),
    );
    expect(parseConfig(filled)).toMatchObject({ warnings: [] });
  }
});

test("its proxy uses the ports and paths of the contract, and its grace period exceeds the drain", () => {
  const [, { labels, environment: given, stop_grace_period: grace }] = gateways[0]!;
  expect(labels).toMatchObject({
    "traefik.http.services.gateway.loadbalancer.server.port": String(contract.ports.public),
    "traefik.http.services.gateway.loadbalancer.healthcheck.path": contract.paths.ready,
    "traefik.http.services.gateway.loadbalancer.healthcheck.port": String(contract.ports.private),
    "traefik.http.routers.gateway.rule": `PathPrefix(\`${contract.socketPath}\`)`,
  });
  expect(parseInt(grace!, 10)).toBeGreaterThanOrEqual(
    Number(given!["DRAIN_TIMEOUT_SECONDS"]) + contract.graceMarginSeconds,
  );
});
