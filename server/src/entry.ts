// Entry point of the bundle. When the gateway runs from source, Node runs main.ts directly.
import "./stop-signals.ts";

// Check the version of Node before anything else is loaded. An older Node would fail with a syntax error that does not
// name the cause.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `the gateway needs Node 24, and this is Node ${process.versions.node}: run it by node_modules/.bin/node after npm ci\n`,
  );
  process.exit(2);
}
const { setSourceMapsSupport } = await import("node:module");

// Enable source maps here and not by Node's --enable-source-maps. With the option, Node would decode the whole map at
// the start, because pino makes a stack trace then, and would keep 8 MiB of heap. Enabled here, Node decodes the map at
// the first error.
setSourceMapsSupport(true);
await import("./main.ts");
