import type { z } from "zod";
import { shapeProblem } from "../protocol/payload-bounds.ts";
import { payloadProblem } from "../protocol/payload-problem.ts";
import { refuse } from "../protocol/refusals.ts";
import { refusedAnswer, type ApiAnswer } from "./private-listener.ts";

/** Calls `handle` if the body matches the schema. Otherwise, the answer names the first invalid field. */
export function checked<T>(
  schema: z.ZodType<T>,
  body: unknown,
  handle: (body: T) => ApiAnswer | Promise<ApiAnswer>,
): ApiAnswer | Promise<ApiAnswer> {
  const shape = shapeProblem(body);
  if (shape !== undefined) return refusedAnswer(refuse("INVALID_INPUT", { message: shape }));
  const answer = schema.safeParse(body);
  return answer.success
    ? handle(answer.data)
    : refusedAnswer(refuse("INVALID_INPUT", { message: payloadProblem(answer.error) }));
}
