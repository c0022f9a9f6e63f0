import { HandlerError } from "./handler-error.ts";
import type { Schema, SchemaIssue, Validated } from "./standard-schema.ts";

/**
 * Validates data and returns what the schema makes of it. Throws a HandlerError INVALID_INPUT with the first problem.
 */
export function checkedData(schema: Schema, data: unknown): unknown {
  const validated = schema["~standard"].validate(data);
  return validated instanceof Promise ? validated.then(valueOf) : valueOf(validated);
}

function valueOf(validated: Validated<unknown>): unknown {
  if (validated.issues === undefined) return validated.value;
  throw new HandlerError("INVALID_INPUT", problemOf(validated.issues[0]));
}

function problemOf(issue: SchemaIssue | undefined): string {
  if (issue === undefined) return "the data is not valid";
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
