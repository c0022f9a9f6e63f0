import { Command } from "commander";
import { stringify } from "yaml";
import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { CommandDeps } from "../command-deps.ts";

/** `realtime crd`: the definition this release works with, for whoever installs it apart from the chart. */
export function crdCommand({ write }: CommandDeps): Command {
  return new Command("crd")
    .description("print the CustomResourceDefinition, to be piped into kubectl apply --server-side -f -")
    .action(() => {
      write("out", stringify(customResourceDefinition, { lineWidth: 0, aliasDuplicateObjects: false }));
    });
}
