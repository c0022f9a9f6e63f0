// The entry point of the bundle. When run from the sources, main.ts is started directly.
// Checked before anything is loaded: an older Node fails with a syntax error that names no cause.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `realtime needs Node 24, and this is Node ${process.versions.node}: run it by node_modules/.bin/node after npm ci\n`,
  );
  process.exit(2);
}
const { setSourceMapsSupport } = await import("node:module");

// Not node's flag: with it, pino's stack trace at start makes node decode and keep the whole map. Now the first error
// does.
setSourceMapsSupport(true);
await import("./main.ts");

export {};
