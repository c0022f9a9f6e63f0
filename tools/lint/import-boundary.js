import { dirname, join, matchesGlob, relative } from "node:path";

/**
 * A configuration that bans imports from some files to others. ESLint keeps only the last setting of a rule for a file,
 * so every boundary is a rule of its own: boundaries add up and never replace each other.
 *
 * @param {string[]} files globs of the importing files
 * @param {string[]} banned globs of what they must not import: paths in the repository, or package names
 * @param {string} why shown with the error
 * @param {{ ignores?: string[], types?: "allowed" | "banned" }} [options] default: tests ignored, types banned
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

/** The path of the imported file from the root of the repository, or the name of the imported package. */
function targetOf(source, { filename, cwd }) {
  return source.startsWith(".") ? relative(cwd, join(dirname(filename), source)) : source;
}

function isTypeOnly({ importKind, exportKind, specifiers = [] }) {
  if (importKind === "type" || exportKind === "type") return true;
  return specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === "type");
}
