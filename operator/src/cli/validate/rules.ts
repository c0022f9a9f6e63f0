import { Environment } from "@marcbachmann/cel-js";
import { isIP } from "node:net";
import { quantityOf } from "../../manifests/shared/quantity.ts";
import type { JsonSchema } from "../../api/json-schema.ts";

/** Evaluates one CEL rule on a value: true when the value satisfies it. Throws for a rule that cannot be evaluated. */
export type Rule = (self: unknown) => boolean;

interface Validation {
  rule: string;
  message?: string;
  fieldPath?: string;
}

class Quantity {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}
class NamedFormat {}

/** The CEL libraries of Kubernetes that our schema uses. */
const environment = new Environment({ unlistedVariablesAreDyn: true })
  .registerType("Quantity", { ctor: Quantity, fields: {} })
  .registerType("NamedFormat", { ctor: NamedFormat, fields: {} })
  .registerFunction("quantity(string): Quantity", (text: string) => new Quantity(quantityOf(text) ?? Number.NaN))
  .registerFunction("Quantity.compareTo(Quantity): int", (one: Quantity, other: Quantity) =>
    BigInt(Math.sign(one.value - other.value)),
  )
  .registerFunction(
    "Quantity.isGreaterThan(Quantity): bool",
    (one: Quantity, other: Quantity) => one.value > other.value,
  )
  .registerFunction("isIP(string): bool", (text: string) => isIP(text) !== 0)
  .registerFunction("isCIDR(string): bool", isCidr)
  .registerFunction("NamedFormat.qualifiedName(): NamedFormat", (format: NamedFormat) => format)
  .registerFunction("NamedFormat.validate(string): list", (_format: NamedFormat, text: string) =>
    isQualifiedName(text) ? [] : [text],
  )
  .registerFunction("list.hasValue(): bool", (problems: unknown[]) => problems.length > 0);

/** The CEL rules of one node of the schema. Rules that need the stored value (oldSelf) are left out. */
export function rulesOf(schema: JsonSchema): { holds: Rule; message: string; fieldPath: string }[] {
  const validations = (schema["x-kubernetes-validations"] ?? []) as Validation[];
  return validations
    .filter(({ rule }) => !rule.includes("oldSelf"))
    .map(({ rule, message, fieldPath }) => ({
      holds: compiled(rule),
      message: message ?? `must satisfy ${rule}`,
      fieldPath: fieldPath ?? "",
    }));
}

function compiled(rule: string): Rule {
  const evaluate = environment.parse(rule);
  return (self) => evaluate({ self: asCel(self), format: new NamedFormat() }) === true;
}

/** Converts JSON to CEL values. CEL compares integers only with integers, so whole numbers become bigint. */
function asCel(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  // The CEL library accepts only arrays of its own JavaScript realm. Array.from makes one; value.map() would keep the
  // value's realm.
  if (Array.isArray(value)) return Array.from(value, asCel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asCel(part)]));
}

function isCidr(text: string): boolean {
  const [, address = "", length = ""] = /^(.+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && !address.includes("%") && Number(length) <= (family === 4 ? 32 : 128);
}

/** Whether a text is a valid label key: an optional DNS name with a slash, then a name of at most 63 characters. */
function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  const name = parts.pop() ?? "";
  const [prefix] = parts;
  if (parts.length > 1 || !/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/.test(name) || name.length > 63) return false;
  return (
    prefix === undefined ||
    (prefix.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(prefix))
  );
}
