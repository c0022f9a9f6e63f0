// Jest runs the same TypeScript as Node: types are blanked out, and line numbers stay.
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

export default {
  process: (text) => ({ code: stripTypeScriptTypes(text) }),
  getCacheKey: (text, path) => createHash("sha256").update(process.version).update(path).update(text).digest("hex"),
};
