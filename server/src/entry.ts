// Entry point of the bundle. From source, Node runs main.ts directly.
import "./stop-signals.ts";

// Checked before more is loaded: an older Node fails with a syntax error that names no cause.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `the gateway needs Node 24, and this is Node ${process.versions.node}: run it by node_modules/.bin/node after npm ci\n`,
  );
  process.exit(2);
}
const { setSourceMapsSupport } = await import("node:module");

// Not Node's --enable-source-maps: it decodes the whole map at pino's first stack trace during the start and keeps 8
// MiB of heap.
// Set here, the map is decoded at the first error.
setSourceMapsSupport(true);
await import("./main.ts");
