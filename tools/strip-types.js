// A Jest transform that replaces types by spaces, as Node does. So Jest runs the TypeScript files that Node runs, and
// line numbers stay the same.
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

export default {
  process: (text) => ({ code: stripTypeScriptTypes(text) }),
  getCacheKey: (text, path) => createHash("sha256").update(process.version).update(path).update(text).digest("hex"),
};
