/**
 * An ESLint rule that limits the lines of a function, like max-lines-per-function, but with two exceptions. Lines
 * inside object, array and template literals do not count, because a manifest is one long literal. Functions that
 * define tests have no limit.
 */
export const functionLength = {
  meta: { type: "suggestion", schema: [{ type: "integer", minimum: 1 }] },
  create(context) {
    const [max] = context.options;
    const functions = [];
    const enter = (node) => functions.push({ node, literals: [], definesTests: false });
    const exit = () => {
      const { node, literals, definesTests } = functions.pop();
      const lines = countedLines(context.sourceCode, node, literals);
      if (definesTests || lines <= max) return;
      context.report({ node, loc: node.loc.start, message: `The function has ${lines} lines, ${max} are allowed.` });
    };
    const literal = (node) => functions.forEach((open) => open.literals.push(node.loc));
    return {
      FunctionDeclaration: enter,
      FunctionExpression: enter,
      ArrowFunctionExpression: enter,
      ObjectExpression: literal,
      ArrayExpression: literal,
      TemplateLiteral: literal,
      CallExpression(node) {
        if (/^(describe|test)\b/.test(context.sourceCode.getText(node.callee)))
          functions.forEach((open) => (open.definesTests = true));
      },
      "FunctionDeclaration:exit": exit,
      "FunctionExpression:exit": exit,
      "ArrowFunctionExpression:exit": exit,
    };
  },
};

/** The number of lines of code in a function, without blank lines, comments and the inner lines of literals. */
function countedLines(sourceCode, { loc }, literals) {
  const { lines } = sourceCode;
  const skipped = new Set();
  for (const { start, end } of literals) for (let line = start.line + 1; line < end.line; line += 1) skipped.add(line);
  for (const comment of sourceCode.getAllComments()) {
    const ownLine = lines[comment.loc.start.line - 1].slice(0, comment.loc.start.column).trim() === "";
    if (ownLine) for (let line = comment.loc.start.line; line <= comment.loc.end.line; line += 1) skipped.add(line);
  }
  let count = 0;
  for (let line = loc.start.line; line <= loc.end.line; line += 1)
    if (!skipped.has(line) && lines[line - 1].trim() !== "") count += 1;
  return count;
}
