// The entry point of the bundle. The sources start with main.ts instead.
// The version is checked before anything is loaded: an older Node fails with a syntax error that names no cause.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `realtime needs Node 24, and this is Node ${process.versions.node}: run it by node_modules/.bin/node after npm ci\n`,
  );
  process.exit(2);
}
const { setSourceMapsSupport } = await import("node:module");

// Node's flag for source maps is not used: pino takes a stack trace at its start, and Node would then decode the whole
// map and keep it. Set from here on, the map is decoded at the first error only.
setSourceMapsSupport(true);
await import("./main.ts");

export {};
