import { Command } from "commander";
import { checkCommand } from "./check.ts";
import { runCommand } from "./run.ts";
import type { Surroundings } from "./surroundings.ts";

/** The command line `realtime`. One file per command. */
export function program(surroundings: Surroundings): Command {
  return new Command("realtime")
    .description("Socket.IO fleets on Kubernetes")
    .configureOutput({ writeOut: (text) => surroundings.write("out", text), writeErr: (text) => surroundings.write("error", text) })
    .addCommand(runCommand(surroundings))
    .addCommand(checkCommand(surroundings));
}
