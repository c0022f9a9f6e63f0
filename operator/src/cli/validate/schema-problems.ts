import { Ajv, type ErrorObject } from "ajv";
import type { JsonSchema } from "../../api/json-schema.ts";
import { nearest } from "./nearest.ts";

/** Checks a value by the schema's types, bounds, patterns and lists. Each problem begins with the path of a field. */
export function schemaValidator(schema: JsonSchema): (value: unknown) => string[] {
  // Ajv's strict mode would reject the x-kubernetes keywords of the schema. Formats are not checked: the schema also
  // sets bounds where it has a format such as int32.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, verbose: true });
  const validate = ajv.compile(schema);
  return (value) => {
    const errors = validate(value) ? [] : (validate.errors ?? []);
    // Ajv reports an error for each branch of an anyOf, and then one for the anyOf itself. Keep only the last one.
    return errors.filter(({ schemaPath }) => !schemaPath.includes("/anyOf/")).map(sentenceOf);
  };
}

interface Violation {
  at: string;
  /** The invalid value as JSON, cut to 60 characters. */
  given: string;
  data: unknown;
  params: Partial<Record<string, unknown>>;
}

/** The sentence that describes a violation, for each keyword of JSON schema. */
const sentences: Record<string, (violation: Violation) => string> = {
  required({ at, params }) {
    const field = String(params["missingProperty"]);
    return `${at === "" ? field : `${at}.${field}`}: is missing: add it`;
  },
  type: ({ at, given, params }) => `${at}: must be ${typeText(String(params["type"]))}, not ${given}`,
  anyOf: ({ at, given }) => `${at}: must be a number or a string, not ${given}`,
  enum({ at, given, data, params }) {
    const allowed = params["allowedValues"] as string[];
    const near = typeof data === "string" ? nearest(data, allowed) : undefined;
    const advice = near === undefined ? "" : `: did you mean ${near}?`;
    return `${at}: must be one of ${allowed.join(", ")}, not ${given}${advice}`;
  },
  minimum: ({ at, given, params }) => `${at}: must be ${params["limit"] as number} or more, not ${given}`,
  maximum: ({ at, given, params }) => `${at}: must be ${params["limit"] as number} or less, not ${given}`,
  pattern: ({ at, given, params }) => `${at}: must match ${params["pattern"] as string}, and ${given} does not`,
  minItems: ({ at, params }) => `${at}: must have at least ${params["limit"] as number} items`,
  maxItems: ({ at, params }) => `${at}: must have at most ${params["limit"] as number} items`,
  minLength: ({ at, params }) => `${at}: must have at least ${params["limit"] as number} characters`,
  maxLength: ({ at, params }) => `${at}: must have at most ${params["limit"] as number} characters`,
  maxProperties: ({ at, params }) => `${at}: must have at most ${params["limit"] as number} entries`,
};

function sentenceOf({ instancePath, keyword, params, data, message = "is not valid" }: ErrorObject): string {
  const at = pathOf(instancePath);
  const sentence = sentences[keyword];
  return sentence === undefined ? `${at}: ${message}` : sentence({ at, given: shown(data), data, params });
}

/** "/spec/auth/jwt/issuers/0/issuer" → "spec.auth.jwt.issuers[0].issuer". */
function pathOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^[0-9]+$/.test(part) ? `${path}[${part}]` : path === "" ? part : `${path}.${part}`), "");
}

function typeText(type: string): string {
  const words: Record<string, string> = {
    integer: "a whole number",
    number: "a number",
    string: "a string",
    boolean: "true or false",
    array: "a list",
    object: "an object",
  };
  return words[type] ?? type;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
