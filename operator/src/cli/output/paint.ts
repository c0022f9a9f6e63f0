import type { CommandDeps } from "../command-deps.ts";

export type Colour = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";
export type Paint = (colour: Colour, text: string) => string;

const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 };

/** Colours are used only on a terminal, and not when NO_COLOR is set (no-color.org). */
export function paintFor({ isTerminal, env }: Pick<CommandDeps, "isTerminal" | "env">): Paint {
  if (!isTerminal || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return (_colour, text) => text;
  return (colour, text) => (text === "" ? "" : `\u001b[${codes[colour]}m${text}\u001b[0m`);
}
