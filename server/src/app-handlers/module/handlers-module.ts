import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { eventProblem, hookKinds, type HookKind } from "../../live-config/handler-entries.ts";
import { runInModule } from "./module-context.ts";

/**
 * The object that the function `handlers` of the package in sdk/ returns. The gateway recognizes it by a symbol, so it
 * does not have to import the package.
 */
export interface HandlersModule {
  readonly events: readonly string[];
  readonly hooks: readonly HookKind[];
  answer(request: object): Promise<unknown>;
}

const HANDLERS = Symbol.for("realtime-operator.handlers");
const VERSION = 1;
/**
 * The gateway does not start before the module is loaded. So a module that waits longer at its top level, for example
 * for a database, is refused.
 */
const LOADED_WITHIN_MS = 30_000;

/** Loads the file that HANDLERS_MODULE names. If it cannot be used, `problem` says what to do. */
export async function loadHandlersModule(path: string): Promise<{ module: HandlersModule } | { problem: string }> {
  const file = resolve(path);
  if (!existsSync(file)) return problem(`${path} does not exist: copy the file into the image, or correct the path`);
  let exported: unknown;
  try {
    exported = await runInModule(() => imported(file));
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const fix = "correct it, and bundle the packages that it imports into the file (docs/handlers.md)";
    return problem(`${path} cannot be loaded (${reason}): ${fix}`);
  }
  return found(path, exported);
}

async function imported(file: string): Promise<unknown> {
  const limit = new AbortController();
  const late = sleep(LOADED_WITHIN_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`not ready after ${LOADED_WITHIN_MS / 1_000} s, because of an await at its top level`);
  });
  try {
    const loading = import(pathToFileURL(file).href) as Promise<{ default?: unknown }>;
    return (await Promise.race([loading, late])).default;
  } finally {
    late.catch(() => undefined);
    limit.abort();
  }
}

function found(path: string, exported: unknown): { module: HandlersModule } | { problem: string } {
  const given = (exported ?? {}) as Partial<HandlersModule> & { [HANDLERS]?: number };
  const version = given[HANDLERS];
  if (version === undefined)
    return problem(
      `${path} does not export handlers: write "export default handlers({…})", ` +
        "with handlers of @realtime-operator/handlers",
    );
  const { events = [], hooks = [], answer } = given;
  if (version !== VERSION || typeof answer !== "function")
    return problem(
      `${path} is made with version ${String(version)} of the handlers' interface, but this gateway knows ${VERSION}: ` +
        "use the @realtime-operator/handlers of the gateway's release",
    );
  for (const event of events) {
    const about = eventProblem(event);
    if (about !== undefined) return problem(`${path} handles the event ${JSON.stringify(event)}, which ${about}`);
  }
  const unknown = hooks.find((hook) => !hookKinds.includes(hook));
  if (unknown !== undefined)
    return problem(`${path} has the hook ${unknown}, which this gateway does not know: use ${hookKinds.join(", ")}`);
  return { module: { events, hooks, answer: (request) => given.answer!(request) } };
}

function problem(text: string): { problem: string } {
  return { problem: `HANDLERS_MODULE ${text}` };
}
