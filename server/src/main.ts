import { parseConfig } from "./config.ts";
import { makeLogger } from "./observability/logger.ts";
import { nodeIdOf } from "./node-id.ts";
import { start } from "./start.ts";

const answer = parseConfig(process.env);
if ("problems" in answer) {
  process.stderr.write(answer.problems.map((problem) => `${problem}\n`).join(""));
  process.exit(2);
}
const { config, warnings } = answer;
const nodeId = nodeIdOf(config.nodeName, Math.random);
const { logger, flush } = makeLogger(config.logLevel, nodeId);

function fail(error: unknown, message: string): never {
  logger.fatal({ err: error }, message);
  flush();
  process.exit(1);
}
process.on("uncaughtException", (error) => fail(error, "uncaught error"));
process.on("unhandledRejection", (reason) => fail(reason, "unhandled rejection"));

for (const warning of warnings) logger.warn(warning);
const starting = start(config, nodeId, logger, { nowMs: Date.now, random: Math.random });
starting.catch((error: unknown) => fail(error, "start failed"));

let isStopping = false;
async function stop(signal: string): Promise<void> {
  logger.info({ signal }, isStopping ? "asked again to stop: the drain is cut short" : "asked to stop");
  const running = await starting;
  if (isStopping) return running.hurry();
  isStopping = true;
  await running.stop();
  flush();
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => void stop(signal).catch((error: unknown) => fail(error, "stop failed")));
}
