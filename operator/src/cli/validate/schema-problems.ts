import { Ajv, type ErrorObject } from "ajv";
import type { JsonSchema } from "../../api/json-schema.ts";
import { nearest } from "./nearest.ts";

/** Judges a value by types, bounds, patterns and lists of the schema. Each answer begins with the path of a field. */
export function schemaValidator(schema: JsonSchema): (value: unknown) => string[] {
  // Unknown words of a CRD's schema are Kubernetes' own; formats such as int32 have bounds beside them.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, verbose: true });
  const validate = ajv.compile(schema);
  return (value) => {
    const errors = validate(value) ? [] : (validate.errors ?? []);
    // Each branch of "a number or a text" complains, and then the choice as a whole.
    return errors.filter(({ schemaPath }) => !schemaPath.includes("/anyOf/")).map(sentence);
  };
}

function sentence({ instancePath, keyword, params, data, message = "is not valid" }: ErrorObject): string {
  const given = shown(data);
  const at = pathOf(instancePath);
  const {
    limit = 0,
    allowedValues = [],
    missingProperty = "",
    pattern = "",
  } = params as { limit?: number; allowedValues?: string[]; missingProperty?: string; pattern?: string };
  switch (keyword) {
    case "required":
      return `${at === "" ? missingProperty : `${at}.${missingProperty}`}: is missing: add it`;
    case "type":
      return `${at}: must be ${aType(String(params["type"]))}, not ${given}`;
    case "anyOf":
      return `${at}: must be a number or a text, not ${given}`;
    case "enum": {
      const near = typeof data === "string" ? nearest(data, allowedValues) : undefined;
      return `${at}: must be one of ${allowedValues.join(", ")}, not ${given}${near === undefined ? "" : `: did you mean ${near}?`}`;
    }
    case "minimum":
      return `${at}: must be ${limit} or more, not ${given}`;
    case "maximum":
      return `${at}: must be ${limit} or less, not ${given}`;
    case "pattern":
      return `${at}: must match ${pattern}, and ${given} does not`;
    case "minItems":
    case "maxItems":
      return `${at}: must have at ${keyword === "minItems" ? "least" : "most"} ${limit} items`;
    case "minLength":
    case "maxLength":
      return `${at}: must have at ${keyword === "minLength" ? "least" : "most"} ${limit} characters`;
    case "maxProperties":
      return `${at}: must have at most ${limit} entries`;
    default:
      return `${at}: ${message}`;
  }
}

/** "/spec/auth/jwt/issuers/0/issuer" → "spec.auth.jwt.issuers[0].issuer". */
function pathOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^[0-9]+$/.test(part) ? `${path}[${part}]` : path === "" ? part : `${path}.${part}`), "");
}

function aType(type: string): string {
  const words: Record<string, string> = {
    integer: "a whole number",
    number: "a number",
    string: "a text",
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
