// Where the bundle begins. From the sources main.ts is started as it is.
import { setSourceMapsSupport } from "node:module";

// Not by node's flag: under it pino's look at its caller, at the start, has the whole map decoded and kept. This way the first error's trace does.
setSourceMapsSupport(true);
await import("./main.ts");
