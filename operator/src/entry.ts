// The entry point of the bundle; without a bundle, it is main.ts. It checks the version of Node before it imports
// anything: an older Node would only report a syntax error, which does not name the cause.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `realtime needs Node 24, and this is Node ${process.versions.node}: run it by node_modules/.bin/node after npm ci\n`,
  );
  process.exit(2);
}
const { setSourceMapsSupport } = await import("node:module");

// Do not set Node's flag for source maps. pino reads a stack trace when it loads, so Node would decode the whole map
// and keep it in memory. With the call here, Node decodes the map only at the first error.
setSourceMapsSupport(true);
await import("./main.ts");

export {};
