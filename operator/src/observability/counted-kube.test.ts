import { expect, test } from "@jest/globals";
import { resources } from "../api/resources.ts";
import { ApiError, ConnectionError } from "../kube/errors.ts";
import { FakeKube } from "../../../testkit/fake-kube/fake-kube.ts";
import { countedKube } from "./counted-kube.ts";

const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } };

test("reports each request with its verb and its status, and returns the answers unchanged", async () => {
  const kube = new FakeKube();
  const reported: string[] = [];
  const counted = countedKube(kube, (verb, code) => reported.push(`${verb} ${code}`));
  const { configMaps } = resources;
  expect((await counted.create(configMaps, configMap)).metadata.uid).toBeDefined();
  await expect(counted.create(configMaps, configMap)).rejects.toBeInstanceOf(ApiError);
  expect(await counted.get(configMaps, "default", "b")).toBeUndefined();
  kube.failNext(new ConnectionError("reset"));
  await expect(counted.list(configMaps, {})).rejects.toBeInstanceOf(ConnectionError);
  await counted.mergePatch(configMaps, { namespace: "default", name: "a" }, { data: { x: "y" } });
  expect(await counted.remove(configMaps, await kube.get(configMaps, "default", "a").then((found) => found!))).toBe(
    true,
  );
  await counted.discover("apps", "v1");
  expect(reported).toEqual([
    "create 200",
    "create 409",
    "get 404",
    "list none",
    "patch 200",
    "delete 200",
    "discover 200",
  ]);
});

test("counts a 404 when the caller gets undefined: get, remove, discover and openapi", async () => {
  const codes: string[] = [];
  const counted = countedKube(new FakeKube(), (verb, code) => codes.push(`${verb} ${code}`));
  const created = await counted.create(resources.configMaps, configMap);
  await counted.remove(resources.configMaps, created);
  await counted.remove(resources.configMaps, created);
  await counted.get(resources.configMaps, "default", "a");
  await counted.discover("nobody.example.com", "v1");
  await counted.openapi("nobody.example.com", "v1");
  expect(codes).toEqual(["create 200", "delete 200", "delete 404", "get 404", "discover 404", "openapi 404"]);
});
