// The entry point of the bundle. When run from the sources, main.ts is started directly.
import { setSourceMapsSupport } from "node:module";

// Not node's flag: with it, pino's stack trace at start makes node decode and keep the whole map. Now the first error
// does.
setSourceMapsSupport(true);
await import("./main.ts");
