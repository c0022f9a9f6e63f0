import type { Command } from "commander";

/** Which installation of the operator is spoken of; read by releaseOf(). */
export function withReleaseOptions(command: Command): Command {
  return command
    .option(
      "--gateway-image <image>",
      "image of clusters that name none (default: what waits or runs, then this release's)",
    )
    .option("--redis-image <image>", "image of Redis for clusters that name none")
    .option("--operator-namespace <name>", "where the operator runs");
}
