import type { JsonSchema } from "../../api/json-schema.ts";

/**
 * The fields that a rule of an HTTPRoute can have in the installed version. A field inside another one is listed as
 * "field.part". They come from the OpenAPI document of gateway.networking.k8s.io/v1. Empty when HTTPRoute is not
 * installed; the manifest then has no optional field.
 */
export function routeRuleFields(openapi: unknown): ReadonlySet<string> {
  const schemas =
    (openapi as { components?: { schemas?: Record<string, JsonSchema> } } | undefined)?.components?.schemas ?? {};
  const route = Object.values(schemas).find(isHttpRoute);
  const rule = route?.properties?.["spec"]?.properties?.["rules"]?.items?.properties ?? {};
  return new Set(
    Object.entries(rule).flatMap(([name, field]) => [
      name,
      ...Object.keys(field.properties ?? {}).map((part) => `${name}.${part}`),
    ]),
  );
}

function isHttpRoute(schema: JsonSchema): boolean {
  const kinds = schema["x-kubernetes-group-version-kind"] as { kind?: string; version?: string }[] | undefined;
  return kinds?.some(({ kind, version }) => kind === "HTTPRoute" && version === "v1") === true;
}
