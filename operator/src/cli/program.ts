import { Command } from "commander";
import { release } from "../release.ts";
import { checkCommand } from "./commands/check.ts";
import { completionCommand } from "./commands/completion.ts";
import { crdCommand } from "./commands/crd.ts";
import { devCommand } from "./commands/dev.ts";
import { diffCommand } from "./commands/diff.ts";
import { drainCommand } from "./commands/drain.ts";
import { planCommand } from "./commands/plan.ts";
import { rebalanceCommand } from "./commands/rebalance.ts";
import { renderCommand } from "./commands/render.ts";
import { runCommand } from "./commands/run.ts";
import { statusCommand } from "./commands/status.ts";
import type { CommandDeps } from "./command-deps.ts";
import { validateCommand } from "./commands/validate.ts";

/**
 * The command line `realtime`. Each command is in its own file. When it is used wrongly, it prints the error and throws
 * a CommanderError.
 */
export function program(deps: CommandDeps): Command {
  const realtime = new Command("realtime")
    .description("Socket.IO fleets on Kubernetes")
    .version(release)
    .configureOutput({
      writeOut: (text) => deps.write("out", text),
      writeErr: (text) => deps.write("error", text),
    })
    .showSuggestionAfterError()
    .exitOverride();
  const commands = [
    devCommand,
    statusCommand,
    validateCommand,
    diffCommand,
    renderCommand,
    planCommand,
    drainCommand,
    rebalanceCommand,
    crdCommand,
    completionCommand,
    runCommand,
    checkCommand,
  ];
  // addCommand() does not copy settings such as error handling from the program to the command, so copy them here.
  for (const command of commands) realtime.addCommand(command(deps).copyInheritedSettings(realtime));
  return realtime;
}
