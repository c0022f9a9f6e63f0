import { loadHandlersModule } from "./app-handlers/module/handlers-module.ts";
import { isInModule } from "./app-handlers/module/module-context.ts";
import { onStopSignal } from "./stop-signals.ts";
import { parseConfig } from "./config.ts";
import { makeLogger } from "./observability/logger.ts";
import { onceAMinute } from "./observability/once-a-minute.ts";
import { nodeIdOf } from "./node-id.ts";
import { tlsFileProblems } from "./redis/redis-tls.ts";
import { release } from "./release.ts";
import { start } from "./start.ts";

/** How long the process waits at its end until the last error reports are sent. */
const LAST_REPORTS_MS = 2_000;

const answer = parseConfig(process.env);
const problems = "problems" in answer ? answer.problems : tlsFileProblems(answer.config.redis);
if ("problems" in answer || problems.length > 0) {
  process.stderr.write(problems.map((problem) => `${problem}\n`).join(""));
  process.exit(2);
}
const { config, warnings } = answer;
const nodeId = nodeIdOf(config.nodeName, Math.random);
const onLost = onceAMinute(Date.now, (reports, reason) =>
  logger.warn({ reports, reason }, "error reports could not be sent"),
);
// Import it only if it is configured, because the import makes the start slower.
const errors =
  config.sentryDsn === undefined
    ? undefined
    : (await import("./observability/error-tracking.ts")).startErrorTracking({
        ...{ dsn: config.sentryDsn, nodeId, onLost },
        release: `realtime-gateway@${release}`,
        environment: config.nodeEnv,
        nowMs: Date.now,
      });
const { logger, flush } = makeLogger({ level: config.logLevel, format: config.logFormat }, nodeId, errors?.report);

function end(code: number): void {
  flush();
  if (errors === undefined) process.exit(code);
  void errors.flush(LAST_REPORTS_MS).then(() => {
    flush();
    process.exit(code);
  });
}

function fail(error: unknown, message: string): void {
  logger.fatal({ err: error }, message);
  end(1);
}
/**
 * An error in the application's module must not end this process, because all connections of the gateway would close.
 */
function failUnlessInModule(error: unknown, message: string): void {
  if (!isInModule()) return fail(error, message);
  logger.error({ err: error, handler: "HANDLERS_MODULE", reason: message }, "handler of the image failed");
}
process.on("uncaughtException", (error) => failUnlessInModule(error, "uncaught error"));
process.on("unhandledRejection", (reason) => failUnlessInModule(reason, "unhandled rejection"));

for (const warning of warnings) logger.warn(warning);
const loaded = config.handlersModule === undefined ? undefined : await loadHandlersModule(config.handlersModule);
if (loaded !== undefined && "problem" in loaded) {
  process.stderr.write(`${loaded.problem}\n`);
  process.exit(2);
}
const world = { nowMs: Date.now, random: Math.random, handlersModule: loaded?.module };
const starting = start(config, nodeId, logger, world);
starting.catch((error: unknown) => fail(error, "start failed"));

let isStopping = false;
async function stop(signal: string): Promise<void> {
  logger.info(
    { signal },
    isStopping ? "second stop signal received, closing the remaining connections" : "stop signal received",
  );
  const running = await starting;
  if (isStopping) return running.hurry();
  isStopping = true;
  await running.stop();
  end(0);
}
onStopSignal((signal) => void stop(signal).catch((error: unknown) => fail(error, "stop failed")));
