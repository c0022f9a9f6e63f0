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

test("watches an object of two clusters once and notifies both", () => {
  const { watches, running, changed } = make();
  watches.depend("apps/a", [secret("jwt")]);
  watches.depend("apps/b", [secret("jwt")]);
  running.get("secrets apps/jwt")?.();
  expect({ size: watches.size, changed }).toEqual({ size: 1, changed: ["apps/a", "apps/b"] });
});

test("ends a watch when the last cluster that depends on it leaves", () => {
  const { watches, names } = make();
  watches.depend("apps/a", [secret("jwt")]);
  watches.depend("apps/b", [secret("jwt")]);
  watches.depend("apps/a", []);
  expect(names()).toEqual(["secrets apps/jwt"]);
  watches.depend("apps/b", []);
  expect({ names: names(), size: watches.size }).toEqual({ names: [], size: 0 });
});

test("ends the watch of the first Secret when the cluster names another", () => {
  const { watches, names } = make();
  watches.depend("apps/a", [secret("old")]);
  watches.depend("apps/a", [secret("new")]);
  expect(names()).toEqual(["secrets apps/new"]);
});

test("starts no watch when the cluster depends on the same objects again", () => {
  const { watches, running } = make();
  watches.depend("apps/a", [secret("jwt")]);
  const first = running.get("secrets apps/jwt");
  watches.depend("apps/a", [secret("jwt")]);
  expect(running.get("secrets apps/jwt")).toBe(first);
});

test("keeps objects of one name apart when namespace or kind differ", () => {
  const { watches, names } = make();
  watches.depend("apps/a", [secret("x"), { resource: resources.configMaps, namespace: "apps", name: "x" }]);
  watches.depend("web/a", [secret("x", "web")]);
  expect(names()).toEqual(["secrets apps/x", "configmaps apps/x", "secrets web/x"]);
});

test("knows nothing of an object that is not watched", () => {
  expect(make().watches.view(secret("x"))).toEqual({ isSynced: false, object: undefined, refusal: undefined });
});
