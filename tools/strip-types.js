// Makes Jest run the same TypeScript files as Node. Types are replaced by spaces, so line numbers stay the same.
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

export default {
  process: (text) => ({ code: stripTypeScriptTypes(text) }),
  getCacheKey: (text, path) => createHash("sha256").update(process.version).update(path).update(text).digest("hex"),
};
