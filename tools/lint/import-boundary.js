import { dirname, join, matchesGlob, relative } from "node:path";

/**
 * An ESLint configuration that forbids some files to import others. Each call defines a rule with its own name. With
 * one shared rule, the last configuration for a file would replace all earlier ones.
 *
 * @param {string[]} files globs of the files that import
 * @param {string[]} banned globs of what these files must not import: paths in the repository, or package names
 * @param {string} why shown in the error
 * @param {{ ignores?: string[], types?: "allowed" | "banned" }} [options] by default, the rule ignores tests and also
 * forbids imports of types
 */
export function importBoundary(files, banned, why, { ignores = ["**/*.test.ts"], types = "banned" } = {}) {
  const name = `${files.join("+")} -> ${banned.join("+")}`.replaceAll("/", "|");
  const rule = { meta: { type: "problem", schema: [] }, create: (context) => visitorOf(context, banned, why, types) };
  return {
    files,
    ignores,
    plugins: { [name]: { rules: { boundary: rule } } },
    rules: { [`${name}/boundary`]: "error" },
  };
}

function visitorOf(context, banned, why, types) {
  const check = (node) => {
    const source = node.source?.value;
    if (typeof source !== "string" || (types === "allowed" && isTypeOnly(node))) return;
    const target = targetOf(source, context);
    if (banned.some((glob) => matchesGlob(target, glob))) {
      context.report({ node: node.source, message: `${target}: ${why}` });
    }
  };
  return {
    ImportDeclaration: check,
    ImportExpression: check,
    ExportNamedDeclaration: check,
    ExportAllDeclaration: check,
  };
}

/** What an import refers to: the file's path from the root of the repository, or the name of a package. */
function targetOf(source, { filename, cwd }) {
  return source.startsWith(".") ? relative(cwd, join(dirname(filename), source)) : source;
}

function isTypeOnly({ importKind, exportKind, specifiers = [] }) {
  if (importKind === "type" || exportKind === "type") return true;
  return specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === "type");
}
