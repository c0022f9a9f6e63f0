import { readFile } from "node:fs/promises";
import type { Logger } from "../observability/logger.ts";
import type { LiveState } from "./live-state.ts";

const POLL_MS = 2_000;

/**
 * Reads the file now and after each change. Returns a function that stops this. It reads the file regularly: a
 * ConfigMap volume changes by a new symlink two folders up, which file watches do not notice on some filesystems.
 */
export async function watchConfigFile(path: string, live: LiveState, logger: Logger): Promise<() => void> {
  let seen: string | undefined;
  let isMissing = false;
  const look = async (): Promise<void> => {
    let text: string;
    try {
      text = await readFile(path, "utf8");
      isMissing = false;
    } catch (error) {
      if (!isMissing) logger.warn({ path, error: (error as Error).message }, "live config file cannot be read");
      isMissing = true;
      return;
    }
    if (text === seen) return;
    seen = text;
    const body = parsed(text);
    if (body instanceof Error)
      return logger.error(
        { path, problem: `the file is not JSON: ${body.message}` },
        "live config file is invalid, keeping the current config",
      );
    const answer = live.apply(body);
    if (answer.applied)
      logger.info({ path, generation: live.config.generation, hash: live.document.hash }, "live config applied");
    else if (answer.why === "older")
      logger.info(
        { path, generation: live.config.generation },
        "live config file ignored, a newer generation is in use",
      );
    else logger.error({ path, problem: answer.problem }, "live config file is invalid, keeping the current config");
  };
  await look();
  const timer = setInterval(() => void look(), POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}
