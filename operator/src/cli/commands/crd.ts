import { Command } from "commander";
import { stringify } from "yaml";
import { customResourceDefinition } from "../../api/generated/custom-resource-definition.ts";
import type { CommandDeps } from "../command-deps.ts";

/** `realtime crd`: prints the CustomResourceDefinition of this release, for users who install it without the chart. */
export function crdCommand({ write }: CommandDeps): Command {
  return new Command("crd")
    .description("Print the CustomResourceDefinition: realtime crd | kubectl apply --server-side -f -")
    .action(() => {
      write("out", stringify(customResourceDefinition, { lineWidth: 0, aliasDuplicateObjects: false }));
    });
}
