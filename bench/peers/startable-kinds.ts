import { centrifugoProgram } from "./centrifugo-program.ts";

/** Why Centrifugo cannot be built on this machine. Undefined when it has been built. */
let problem: Promise<string | undefined> | undefined;

/** The servers of the list that this machine can start. Without Go, Centrifugo is left out, and a line says why. */
export async function startableKinds(kinds: readonly string[]): Promise<string[]> {
  problem ??= centrifugoProgram(console.error).then(
    () => undefined,
    (error: Error) => {
      console.error(`Centrifugo is left out, because it cannot be built: ${error.message}`);
      return error.message;
    },
  );
  const isBuilt = (await problem) === undefined;
  return kinds.filter((kind) => isBuilt || !kind.startsWith("centrifugo"));
}
