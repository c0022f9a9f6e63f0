import { expect, test } from "@jest/globals";
import { resources } from "../api/resources.ts";
import { NamedWatches, type NamedObject, type NamedView } from "./named-watches.ts";

const secret = (name: string, namespace = "apps"): NamedObject => ({ resource: resources.secrets, namespace, name });

function make() {
  const running = new Map<string, () => void>();
  const changed: string[] = [];
  const views = new Map<string, NamedView>();
  const watches = new NamedWatches({
    watch({ resource, namespace, name }, onChange) {
      const key = `${resource.plural} ${namespace}/${name}`;
      if (running.has(key)) throw new Error(`${key} is watched twice`);
      running.set(key, onChange);
      return {
        view: () => views.get(key) ?? { isSynced: true, object: undefined, refusal: undefined },
        stop: () => running.delete(key),
      };
    },
    onChange: (key) => changed.push(key),
  });
  return { watches, running, changed, names: () => [...running.keys()] };
}

test("an object that two clusters depend on is watched once, and both hear of it", () => {
  const { watches, running, changed } = make();
  watches.depend("apps/a", [secret("jwt")]);
  watches.depend("apps/b", [secret("jwt")]);
  running.get("secrets apps/jwt")?.();
  expect({ size: watches.size, changed }).toEqual({ size: 1, changed: ["apps/a", "apps/b"] });
});

test("a watch ends with the last cluster that depends on it, and not before", () => {
  const { watches, names } = make();
  watches.depend("apps/a", [secret("jwt")]);
  watches.depend("apps/b", [secret("jwt")]);
  watches.depend("apps/a", []);
  expect(names()).toEqual(["secrets apps/jwt"]);
  watches.depend("apps/b", []);
  expect({ names: names(), size: watches.size }).toEqual({ names: [], size: 0 });
});

test("a cluster that names another Secret leaves the first", () => {
  const { watches, names } = make();
  watches.depend("apps/a", [secret("old")]);
  watches.depend("apps/a", [secret("new")]);
  expect(names()).toEqual(["secrets apps/new"]);
});

test("depending on the same objects again starts no watch", () => {
  const { watches, running } = make();
  watches.depend("apps/a", [secret("jwt")]);
  const first = running.get("secrets apps/jwt");
  watches.depend("apps/a", [secret("jwt")]);
  expect(running.get("secrets apps/jwt")).toBe(first);
});

test("objects of one name in other namespaces, or of another kind, are other objects", () => {
  const { watches, names } = make();
  watches.depend("apps/a", [secret("x"), { resource: resources.configMaps, namespace: "apps", name: "x" }]);
  watches.depend("web/a", [secret("x", "web")]);
  expect(names()).toEqual(["secrets apps/x", "configmaps apps/x", "secrets web/x"]);
});

test("what is not watched is not known", () => {
  expect(make().watches.view(secret("x"))).toEqual({ isSynced: false, object: undefined, refusal: undefined });
});
