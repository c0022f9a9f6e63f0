// Entry point of the bundle. From source, Node runs main.ts directly.
import "./stop-signals.ts";
import { setSourceMapsSupport } from "node:module";

// Not Node's --enable-source-maps: it decodes the whole map at pino's first stack trace during the start and keeps 8
// MiB of heap.
// Set here, the map is decoded at the first error.
setSourceMapsSupport(true);
await import("./main.ts");
