import type { CommandDeps } from "./command-deps.ts";

/** Runs a command's work. If it fails, prints the error with its causes and sets the exit code. */
export async function exitOnError(
  { write, exit }: Pick<CommandDeps, "write" | "exit">,
  code: 1 | 2,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    write("error", errorText(error));
    exit(code);
  }
}

/** The text for an error: "error: ...", and one more line for each cause. */
export function errorText(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // The message of many errors already contains the message of their cause, so do not print the cause again.
    if (lines.some((line) => line.includes(cause.message))) continue;
    lines.push(`${cause === error ? "error" : "  because"}: ${cause.message}\n`);
  }
  return lines.length === 0 ? `error: ${String(error)}\n` : lines.join("");
}
