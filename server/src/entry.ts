// Where the bundle begins. From the sources main.ts is started as it is.
import "./stop-signals.ts";
import { setSourceMapsSupport } from "node:module";

// Not node's --enable-source-maps: with it, pino's stack trace at the start decodes the whole map, and 8 MiB of heap
// stay in use. Set here, the map is decoded at the first error's stack trace.
setSourceMapsSupport(true);
await import("./main.ts");
