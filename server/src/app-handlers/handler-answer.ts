import * as z from "zod";
import { sentEventName } from "../protocol/client-events.ts";
import { boundExceeded, MAX_DEPTH, shapeProblem } from "../protocol/payload-bounds.ts";
import { refusals } from "../protocol/refusals.ts";
import { roomName } from "../protocol/rooms.ts";

/**
 * Codes of the gateway that a handler is allowed to use as well. All other codes of the gateway only come from the
 * gateway, so a client can rely on their meaning.
 */
const SHARED_CODES: readonly string[] = ["FORBIDDEN", "INVALID_INPUT"];
const MAX_COMMANDS = 100;
const MAX_MESSAGE_LENGTH = 1_024;
/**
 * The bounds of a whole answer. It can contain several payloads, so it can be nested deeper and have more values than
 * one.
 */
const BOUNDS = { depth: MAX_DEPTH + 8, values: 200_000 };

const handlerError = z.strictObject({
  code: z
    .string("is missing")
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "must be 1 to 64 upper-case letters, digits or _")
    .refine(
      (code) => !Object.hasOwn(refusals, code) || SHARED_CODES.includes(code),
      `is a code of the gateway: use another one, or one of ${SHARED_CODES.join(", ")}`,
    ),
  message: z.string("is missing").max(MAX_MESSAGE_LENGTH, `must have at most ${MAX_MESSAGE_LENGTH} characters`),
  retryAfter: z
    .number("must be a number of seconds")
    .min(0, "must be from 0")
    .max(86_400, "must be at most 86400")
    .nullish(),
});

/**
 * Name of a command → its schema. Checking a command with its own schema costs much less than with a union of all
 * schemas.
 */
const commandSchemas = {
  join: z.strictObject({ join: roomName }),
  leave: z.strictObject({ leave: roomName }),
  emit: z.strictObject({ emit: z.union([z.tuple([sentEventName]), z.tuple([sentEventName, z.unknown()])]) }),
  publish: z.strictObject({
    publish: z.strictObject({
      room: roomName,
      event: sentEventName,
      data: z.unknown().optional(),
      exceptSender: z.boolean().optional(),
      volatile: z.boolean().optional(),
    }),
  }),
  disconnect: z.strictObject({ disconnect: z.strictObject({ reconnect: z.boolean() }) }),
};
type CommandName = keyof typeof commandSchemas;

const commandList = z
  .array(z.unknown(), "must be a list of commands")
  .max(MAX_COMMANDS, `must have at most ${MAX_COMMANDS} commands`);
const answer = z.strictObject({
  ack: z.unknown().optional(),
  error: handlerError.nullish(),
  do: commandList.nullish(),
});

/** What a handler tells the gateway to do for a client. The commands are applied in the order of the answer. */
export type Command = z.infer<(typeof commandSchemas)[CommandName]>;

/** A refusal by the application, with a code that the application defines. */
export interface HandlerError {
  code: string;
  message: string;
  /** In seconds. */
  retryAfter?: number;
}

export interface HandlerAnswer {
  /** What the client gets as its ack. Undefined if the answer has no ack. */
  ack: unknown;
  error: HandlerError | undefined;
  commands: readonly Command[];
}

/** Parses a handler's answer. If it is not valid, `problem` is a sentence that contains no values of the answer. */
export function readAnswer(text: string, maxMessageBytes: number): HandlerAnswer | { problem: string } {
  const value = parsed(text);
  if (value === undefined) return { problem: "the answer is not a JSON object, or is nested too deeply" };
  if (isOnlyAck(value)) return { ack: value.ack, error: undefined, commands: [] };
  const result = answer.safeParse(value);
  if (!result.success) return { problem: problemOf(result.error.issues[0]!) };
  const { ack, error, do: given } = result.data;
  const commands: Command[] = [];
  for (const [index, one] of (given ?? []).entries()) {
    const read = readCommand(one, maxMessageBytes);
    if ("problem" in read) return { problem: `do.${index} ${read.problem}` };
    commands.push(read.command);
  }
  return { ack, error: errorOf(error), commands };
}

/** Checks commands that another gateway has sent. Undefined if they are not valid. */
export function readCommands(value: unknown, maxMessageBytes: number): readonly Command[] | undefined {
  const list = commandList.safeParse(value);
  if (!list.success) return undefined;
  const read = list.data.map((one) => readCommand(one, maxMessageBytes));
  return read.every((one) => "command" in one) ? read.map(({ command }) => command) : undefined;
}

function readCommand(value: unknown, maxMessageBytes: number): { command: Command } | { problem: string } {
  const invalid = { problem: "is not a valid command (docs/handlers.md)" };
  if (typeof value !== "object" || value === null) return invalid;
  const [name = ""] = Object.keys(value);
  if (!Object.hasOwn(commandSchemas, name)) return invalid;
  const result = commandSchemas[name as CommandName].safeParse(value);
  if (!result.success) return { problem: `is not a valid command: ${problemOf(result.error.issues[0]!)}` };
  const problem = dataProblem(result.data, maxMessageBytes);
  return problem === undefined ? { command: result.data } : { problem };
}

/** Whether an answer is `{}` or `{ack}`. Most answers are, and checking them with the schema would be slower. */
function isOnlyAck(value: object): value is { ack?: unknown } {
  for (const key in value) if (key !== "ack") return false;
  return !Array.isArray(value);
}

/** Whether an answer's text is nested too deep or has too many values. */
export function isOutOfBounds(text: string): boolean {
  // Each level of nesting needs two characters, so a text as short as this cannot be nested too deep.
  return text.length > 2 * BOUNDS.depth && boundExceeded(text, BOUNDS) !== undefined;
}

function parsed(text: string): object | undefined {
  if (isOutOfBounds(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(error: z.infer<typeof handlerError> | null | undefined): HandlerError | undefined {
  if (error === undefined || error === null) return undefined;
  const { code, message, retryAfter } = error;
  return { code, message, ...(typeof retryAfter === "number" ? { retryAfter } : {}) };
}

function problemOf(issue: z.core.$ZodIssue): string {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") return `${field === "" ? "the answer" : field} has an unknown field`;
  return `${field === "" ? "the answer" : field} ${issue.message}`;
}

/** Checks the payload of a command. The limits are those of a client's message. */
function dataProblem(one: Command, maxMessageBytes: number): string | undefined {
  const data = "emit" in one ? one.emit[1] : "publish" in one ? one.publish.data : undefined;
  if (data === undefined) return undefined;
  const shape = shapeProblem(data);
  if (shape !== undefined) return shape;
  return Buffer.byteLength(JSON.stringify(data)) > maxMessageBytes
    ? `has data that is larger than ${maxMessageBytes} bytes`
    : undefined;
}
