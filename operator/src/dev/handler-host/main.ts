// The program that runs the file of `realtime dev --handlers`, as a process of its own. It loads the file, serves the
// handlers that the file exports on PORT, and tells `realtime dev` which files were loaded. If the file exports no
// handlers, it must be a server of its own that listens on PORT.
import { existsSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { registerHooks } from "node:module";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Handled, HostMessage } from "./host-message.ts";

const PACKAGE = "@realtime-operator/handlers";
const HANDLERS = Symbol.for("realtime-operator.handlers");
const LISTENS_WITHIN_MS = 10_000;
// In a clone, the package may not be built. Then its source is used.
const PACKAGE_SOURCE = join(import.meta.dirname, "../../../../sdk/src/handlers.ts");

const [, , file = ""] = process.argv;
const PORT = Number(process.env["PORT"]);
const secret = process.env["HANDLER_SECRET"] ?? "";
const url = pathToFileURL(file).href;

const tell = (message: HostMessage): void => void process.send?.(message);

// When `realtime dev` dies, this channel closes, and the handler must not stay behind.
process.on("disconnect", () => process.exit());

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== PACKAGE) return next(specifier, context);
    try {
      const found = next(specifier, { ...context, parentURL: url });
      if (existsSync(fileURLToPath(found.url))) return found;
    } catch (error) {
      if (!existsSync(PACKAGE_SOURCE)) throw error;
    }
    return { url: pathToFileURL(PACKAGE_SOURCE).href, shortCircuit: true };
  },
  load(loading, context, next) {
    if (loading.startsWith("file:") && !loading.includes("/node_modules/")) tell({ loaded: fileURLToPath(loading) });
    return next(loading, context);
  },
});

const exported = (await import(url)) as Record<string, unknown>;
const app = Object.values(exported).find(isApp);
if (app === undefined) await listens();
else {
  const { toNode } = (await import(PACKAGE)) as {
    toNode: (app: Handled, options: { secret: string }) => RequestListener;
  };
  await new Promise<void>((resolve) => createServer(toNode(app, { secret })).listen(PORT, "127.0.0.1", resolve));
}
tell({ ready: true, handled: app === undefined ? undefined : { events: [...app.events], hooks: [...app.hooks] } });

function isApp(value: unknown): value is Handled {
  return typeof value === "object" && value !== null && HANDLERS in value;
}

/** Waits until the file's own server listens. */
async function listens(): Promise<void> {
  for (const endMs = Date.now() + LISTENS_WITHIN_MS; Date.now() < endMs; await sleep(50))
    if (await new Promise((resolve) => isOpen(resolve))) return;
  process.stderr.write(
    `${file} exports no handlers and does not listen on process.env.PORT: write "export default handlers({…})", ` +
      `with handlers of ${PACKAGE}\n`,
  );
  process.exit(1);
}

function isOpen(give: (is: boolean) => void): void {
  const socket = connect(PORT, "127.0.0.1");
  const end = (is: boolean): void => {
    socket.destroy();
    give(is);
  };
  socket.once("connect", () => end(true)).once("error", () => end(false));
}
