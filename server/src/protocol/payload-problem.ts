import type { z } from "zod";

/**
 * The first problem of a payload, as one short sentence that names the field. The sentence contains no values of the
 * payload.
 */
export function payloadProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "the payload is not valid";
  if (issue.code === "unrecognized_keys")
    return `unknown field ${issue.keys
      .slice(0, 5)
      .map((key) => key.slice(0, 64))
      .join(", ")}`;
  const field = issue.path.join(".");
  if (field === "") return "the payload must be an object";
  // zod reports a missing field of any type in this way.
  if (issue.code === "invalid_type" && issue.expected === "nonoptional") return `${field} is missing`;
  if (issue.code === "invalid_type")
    return `${field} must be a ${issue.expected === "int" ? "whole number" : issue.expected}`;
  return `${field} ${issue.message}`;
}
