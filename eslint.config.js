import tseslint from "typescript-eslint";
import { functionLength } from "./tools/lint/function-length.js";
import { importBoundary as boundary } from "./tools/lint/import-boundary.js";

// Programs, their tests and their benchmarks.
const testFiles = ["{operator,server}/{src,test}/**", "e2e/**", "bench/**"];

// The gateway's folders, lowest line first. A folder may import from its own line and from lower lines.
const serverFloors = [
  ["protocol", "internals"],
  ["redis"],
  ["auth", "ledger", "broadcast"],
  ["live-config", "observability"],
  ["edge"],
  ["connections"],
  ["app-handlers"],
  ["handlers"],
  ["sessions"],
  ["drain", "private-api"],
];
const inServer = (folders) => folders.map((folder) => `server/src/${folder}/**`);
const serverBoundaries = serverFloors.flatMap((folders, floor) => {
  const above = serverFloors.slice(floor + 1).flat();
  const why = `${folders.join(", ")} know nothing of the floors above: ${above.join(", ")}`;
  return above.length === 0 ? [] : [boundary(inServer(folders), inServer(above), why)];
});

export default tseslint.config(
  { ignores: ["**/node_modules/", "**/dist/", "**/generated/", "**/testdata/"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/require-await": "off",
      "no-duplicate-imports": "error",
      eqeqeq: "error",
      "no-console": "error",
      "prefer-const": "error",
    },
  },
  {
    // Limits for all files that are written by hand.
    files: ["**/*.ts", "**/*.js"],
    plugins: { local: { rules: { "function-length": functionLength } } },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "max-len": [
        "error",
        { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
      ],
      "max-params": ["error", 4],
      complexity: ["error", 12],
      "local/function-length": ["error", 60],
    },
  },
  {
    // One dialect: constants of a module that are numbers are UPPER_CASE.
    files: ["{operator,server}/src/**/*.ts", "testkit/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "@typescript-eslint/naming-convention": [
        "error",
        { selector: "variable", modifiers: ["const", "global"], types: ["number"], format: ["UPPER_CASE"] },
      ],
    },
  },
  {
    // Each program reads the environment in one place.
    files: ["operator/src/**/*.ts", "server/src/**/*.ts"],
    ignores: ["**/config.ts", "**/main.ts", "**/*.test.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "read the environment in config.ts" },
      ],
    },
  },
  {
    // Undocumented parts of packages are used in internals/ only, behind typed accessors.
    files: ["server/src/**/*.ts"],
    ignores: ["server/src/internals/**", "**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "TSAsExpression > TSAsExpression > TSUnknownKeyword",
          message: "`as unknown as` is for server/src/internals: put a typed accessor there",
        },
      ],
    },
  },
  {
    // Pure functions read neither the clock nor randomness.
    files: [
      "operator/src/{api,manifests,reconcile,engine}/**/*.ts",
      "server/src/{ledger,broadcast/fanout,protocol}/**/*.ts",
    ],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "time is an argument; read the clock in main.ts" },
        { object: "Math", property: "random", message: "randomness is an argument; draw it in main.ts" },
        { object: "process", property: "env", message: "read the environment in config.ts" },
      ],
    },
  },
  boundary(
    ["operator/src/api/**"],
    ["**/kube/**", "**/engine/**", "**/reconcile/**", "**/manifests/**"],
    "api is the bottom layer",
  ),
  boundary(
    ["operator/src/manifests/**"],
    ["**/kube/**", "**/engine/**", "**/reconcile/**"],
    "manifests are functions of values: manifests → api",
  ),
  boundary(
    ["operator/src/kube/**"],
    ["**/reconcile/**", "**/manifests/**", "**/cli/**"],
    "kube knows the API server and nothing of our kind",
  ),
  boundary(
    ["operator/src/kube/**"],
    ["**/engine/**"],
    "kube fills in what the engine asks for (Clock, LeaseStore): it may know these types and runs nothing of it",
    { types: "allowed" },
  ),
  boundary(
    ["operator/src/watches/**"],
    ["**/reconcile/**", "**/gateways/**", "**/cli/**"],
    "watches know what is stored, not what is done with it: watches → kube, manifests, api",
  ),
  boundary(
    ["operator/src/gateways/**"],
    ["**/reconcile/**", "**/watches/**", "**/engine/**", "**/cli/**"],
    "gateways is a client of the private API: gateways → kube, manifests, api",
  ),
  boundary(
    ["operator/src/reconcile/facts/**"],
    ["operator/src/reconcile/*.ts", "**/conditions/**", "**/drift/**", "**/engine/**"],
    "facts are read by plan and by conditions, and read neither",
  ),
  boundary(
    ["operator/src/reconcile/conditions/**"],
    ["operator/src/reconcile/!(findings|problems|verdict).ts", "**/drift/**", "**/engine/**"],
    "conditions are functions of the findings: conditions → facts, findings, problems",
  ),
  boundary(
    ["operator/src/engine/**"],
    ["**/kube/**", "**/reconcile/**", "**/manifests/**", "**/api/**", "**/cli/**"],
    "the engine knows nothing of our kind",
  ),
  boundary(["operator/src/**"], ["@kubernetes/client-node"], "only kube/ speaks to the client", {
    ignores: ["operator/src/kube/**"],
    types: "allowed",
  }),
  ...serverBoundaries,
  boundary(
    inServer(serverFloors.slice(0, 4).flat()),
    ["server/src/*.ts"],
    "only the upper floors know deps and contract",
  ),
  boundary(
    inServer(serverFloors.slice(4).flat()),
    ["server/src/!(deps|contract|and-then).ts"],
    "main → start → gateway → the folders, never back",
  ),
  boundary(inServer(["protocol"]), inServer(["internals"]), "the protocol imports nothing of ours"),
  boundary(inServer(["ledger"]), ["server/src/broadcast/**", "socket.io"], "the ledger counts and knows no sockets"),
  boundary(inServer(["private-api"]), ["socket.io", "engine.io"], "the private API speaks to ports of its own"),
  boundary(
    ["operator/src/**", "server/src/**"],
    ["*/test/**", "testkit/**", "lab/**", "tools/**", "bench/**", "e2e/**", "**/*.test.ts"],
    "programs know nothing of tests and tools",
  ),
  boundary(["operator/src/**"], ["server/**"], "the operator knows the gateway by its contract only"),
  boundary(["server/src/**"], ["operator/**"], "the gateway knows nothing of the operator"),
  boundary(testFiles, ["lab/**", "tools/up/**"], "what tests share with the lab and with make up lives in testkit/", {
    ignores: [],
  }),
  boundary(["operator/test/**"], ["server/test/**"], "what both test suites use lives in testkit/", { ignores: [] }),
  boundary(["bench/**"], ["*/test/**", "e2e/**"], "what benchmarks share with tests lives in testkit/"),
  boundary(["e2e/**"], ["bench/**", "*/test/**"], "what end-to-end tests share lives in testkit/", { ignores: [] }),
  boundary(["testkit/**"], ["lab/**", "tools/**", "*/test/**", "bench/**", "e2e/**"], "testkit is the lowest floor", {
    ignores: [],
  }),
  boundary(["testkit/**", "lab/**"], ["operator/**", "server/**"], "the toolbox does not know what it is used on", {
    ignores: ["testkit/fake-kube/**"],
  }),
  boundary(
    ["testkit/fake-kube/**"],
    ["server/**", "operator/src/!(api|kube)/**"],
    "the fake fills in operator/src/kube and knows nothing else",
    { ignores: [] },
  ),
  {
    files: ["**/*.test.ts", "**/cli/**", "lab/**", "bench/**", "e2e/**", "tools/**", "**/build.ts"],
    rules: { "no-console": "off" },
  },
  { files: ["**/*.js"], ...tseslint.configs.disableTypeChecked },
);
