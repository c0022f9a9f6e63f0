// Entry point of the bundle. From source, Node runs main.ts directly.
import "./stop-signals.ts";

// Check the version before anything else is loaded: an older Node would fail with a syntax error that names no cause.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `the gateway needs Node 24, and this is Node ${process.versions.node}: run it by node_modules/.bin/node after npm ci\n`,
  );
  process.exit(2);
}
const { setSourceMapsSupport } = await import("node:module");

// Do not use Node's --enable-source-maps. pino makes a stack trace during the start, for which Node would decode the
// whole map and keep 8 MiB of heap. When source maps are enabled here, the first error decodes the map.
setSourceMapsSupport(true);
await import("./main.ts");
