import type { Command } from "commander";

/** Options that describe how the operator is installed. releaseOf() reads them. */
export function withReleaseOptions(command: Command): Command {
  return command
    .option(
      "--gateway-image <image>",
      "gateway image of clusters without spec.image (default: status.upgrade, else the running pods' image, else this release's)",
    )
    .option("--redis-image <image>", "Redis image of clusters without spec.redis.managed.image")
    .option("--operator-namespace <name>", "namespace of the operator");
}
