import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { checkCommand } from "./check.ts";
import { completionCommand } from "./completion.ts";
import { crdCommand } from "./crd.ts";
import { diffCommand } from "./diff.ts";
import { drainCommand } from "./drain.ts";
import { rebalanceCommand } from "./rebalance.ts";
import { renderCommand } from "./render.ts";
import { runCommand } from "./run.ts";
import { statusCommand } from "./status.ts";
import type { Surroundings } from "./surroundings.ts";
import { validateCommand } from "./validate.ts";

/** The command line `realtime`. One file per command. Wrong use throws a CommanderError, after it has been said. */
export function program(surroundings: Surroundings): Command {
  const realtime = new Command("realtime")
    .description("Socket.IO fleets on Kubernetes")
    .version(packageJson.version)
    .configureOutput({ writeOut: (text) => surroundings.write("out", text), writeErr: (text) => surroundings.write("error", text) })
    .showSuggestionAfterError()
    .exitOverride();
  const commands = [statusCommand, validateCommand, diffCommand, renderCommand, drainCommand, rebalanceCommand, crdCommand, completionCommand, runCommand, checkCommand];
  // A command that is made apart from its program inherits nothing by itself.
  for (const command of commands) realtime.addCommand(command(surroundings).copyInheritedSettings(realtime));
  return realtime;
}
