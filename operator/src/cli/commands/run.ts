import { Command } from "commander";
import { parseConfig } from "../../config.ts";
import { systemClock } from "../../kube/system-clock.ts";
import { makeLogger } from "../../observability/logger.ts";
import { release } from "../../release.ts";
import { runOperator } from "../../operator.ts";
import { httpGatewayPods } from "../../gateways/gateway-pods.ts";
import type { CommandDeps } from "../command-deps.ts";

/** `realtime run`: runs the operator until SIGTERM. Exits with 2 when its configuration is wrong. */
export function runCommand({ connect, env, hostName, exit, onStop, write }: CommandDeps): Command {
  return new Command("run")
    .description("Run the operator (configured by environment variables, see docs/operator.md)")
    .action(async () => {
      const answer = parseConfig(env, hostName);
      if ("problems" in answer) {
        for (const problem of answer.problems) write("error", `${problem}\n`);
        return exit(2);
      }
      const { config } = answer;
      const logger = makeLogger(config.logLevel, config.identity, config.logFormat);
      const { kube, server } = await connect({});
      const stop = new AbortController();
      onStop(() => stop.abort());
      logger.info(
        { version: release, server, namespaces: config.watchNamespaces, gatewayImage: config.images.gateway },
        "operator starts",
      );
      await runOperator(
        {
          config,
          kube,
          gateways: httpGatewayPods({ fetch, now: Date.now }),
          logger,
          clock: systemClock,
          random: Math.random,
        },
        stop.signal,
      );
      logger.info({}, "operator has stopped");
    });
}
