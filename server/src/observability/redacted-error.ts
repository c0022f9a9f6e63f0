import { types } from "node:util";

const MAX_MESSAGE_LENGTH = 500;
const MAX_CAUSES = 3;

/**
 * A copy of an error that is allowed to leave the cluster. It has the class name, the stack, the causes, and the
 * message without user data. It has no other properties, because libraries attach commands, requests and bodies to
 * errors.
 */
export function redactedError(thrown: unknown, causes = MAX_CAUSES): Error {
  if (!types.isNativeError(thrown))
    return withStack(new Error(`the thrown value is not an Error but ${thrown === null ? "null" : typeof thrown}`), "");
  // Check the types, because any code can have assigned any value to these properties.
  const [name, message, stack] = [thrown.name, thrown.message, thrown.stack].map((text: unknown) =>
    typeof text === "string" ? text : "",
  ) as [string, string, string];
  const { cause } = thrown;
  const copy = new Error(
    redacted(message),
    cause === undefined || causes === 0 ? {} : { cause: redactedError(cause, causes - 1) },
  );
  Object.defineProperty(copy, "name", { value: redacted(name) });
  return withStack(copy, framesOf(stack, message));
}

/**
 * The message without quoted data, secrets and addresses. Short quoted names are kept, because they come from the code
 * ("reading 'size'").
 */
export function redacted(text: string): string {
  const isCut = text.length > MAX_MESSAGE_LENGTH;
  return (
    text
      .slice(0, MAX_MESSAGE_LENGTH)
      // Some messages of JSON.parse quote its input, which can contain quotes itself. So remove everything from the
      // first to the last quote; if the message was cut off, everything after the first quote.
      .replace(isCut ? /"[^]*/ : /"(?:[^]*"|[^]*)/, '"…"')
      .replace(isCut ? /(['`])(.*?)(?:\1|$)/gs : /(['`])(.*?)\1/gs, (all, quote: string, inside: string) =>
        /^[\w$./#-]{0,64}$/.test(inside) ? all : `${quote}…${quote}`,
      )
      .replace(/\beyJ[\w-]*(?:\.[\w-]*)*/g, "…")
      .replace(/\b(bearer +|(?:token|password|secret|cookie|authorization|jwt|key) *[:=] *)\S+/gi, "$1…")
      .replace(/[^\s/@]+@/g, "…@")
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, "…")
      .replace(/[\da-f]*:[\da-f]*:[\da-f:.]*/gi, "…")
      // Long words with digits are tokens or hashes. Names in the code have no digits.
      .replace(/[\w+/=~-]{20,}/g, (run) => (/\d/.test(run) ? "…" : run))
  );
}

// Takes only the lines of stack frames after the message. The stack begins with the message, and lines of a message can
// look like stack frames.
function framesOf(stack: string, message: string): string {
  const frames = stack.slice(stack.indexOf(message) + message.length);
  return frames
    .split("\n")
    .filter((line) => /^ +at /.test(line))
    .join("\n");
}

function withStack(error: Error, frames: string): Error {
  error.stack = `${error.name}: ${error.message}\n${frames}`;
  return error;
}
