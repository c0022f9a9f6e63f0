import tseslint from "typescript-eslint";
import { functionLength } from "./tools/lint/function-length.js";
import { importBoundary as boundary } from "./tools/lint/import-boundary.js";

// The programs, their tests, and the benchmarks.
const testFiles = ["{operator,server}/{src,test}/**", "e2e/**", "bench/**"];

// The gateway's folders, from the lowest layer to the highest. A folder may import from its own layer and from lower
// layers.
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
  const why = `${folders.join(", ")} must not import from folders above them: ${above.join(", ")}`;
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
    // The limits for all files, except generated ones.
    files: ["**/*.ts", "**/*.tsx", "**/*.js"],
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
    // Module constants that are numbers have UPPER_CASE names, in every folder.
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
    // Only config.ts and main.ts may read environment variables.
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
    // Only internals/ may use undocumented parts of packages. Other folders use its typed functions.
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
    // These folders contain pure functions: they must not read the clock or random numbers.
    files: [
      "operator/src/{api,manifests,reconcile,engine}/**/*.ts",
      "server/src/{ledger,broadcast/fanout,protocol}/**/*.ts",
    ],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "the clock is an argument: pass it from main.ts" },
        {
          object: "Math",
          property: "random",
          message: "the source of random numbers is an argument: pass it from main.ts",
        },
        { object: "process", property: "env", message: "read the environment in config.ts" },
      ],
    },
  },
  boundary(
    ["operator/src/api/**"],
    ["**/kube/**", "**/engine/**", "**/reconcile/**", "**/manifests/**"],
    "api is the lowest folder and imports no other",
  ),
  boundary(
    ["operator/src/manifests/**"],
    ["**/kube/**", "**/engine/**", "**/reconcile/**"],
    "manifests may import only from api",
  ),
  boundary(
    ["operator/src/kube/**"],
    ["**/reconcile/**", "**/manifests/**", "**/cli/**"],
    "kube knows only the API server, and not our resource",
  ),
  boundary(
    ["operator/src/kube/**"],
    ["**/engine/**"],
    "kube implements types of the engine (Clock, LeaseStore), so it may import the engine's types, but no code",
    { types: "allowed" },
  ),
  boundary(
    ["operator/src/watches/**"],
    ["**/reconcile/**", "**/gateways/**", "**/cli/**"],
    "watches may import only from kube, manifests and api",
  ),
  boundary(
    ["operator/src/gateways/**"],
    ["**/reconcile/**", "**/watches/**", "**/engine/**", "**/cli/**"],
    "gateways may import only from kube, manifests and api",
  ),
  boundary(
    ["operator/src/reconcile/facts/**"],
    ["operator/src/reconcile/*.ts", "**/conditions/**", "**/drift/**", "**/engine/**"],
    "plan and conditions import facts, and facts import neither",
  ),
  boundary(
    ["operator/src/reconcile/conditions/**"],
    ["operator/src/reconcile/!(findings|problems|verdict).ts", "**/drift/**", "**/engine/**"],
    "conditions may import only from facts, findings and problems",
  ),
  boundary(
    ["operator/src/engine/**"],
    ["**/kube/**", "**/reconcile/**", "**/manifests/**", "**/api/**", "**/cli/**"],
    "the engine must not know our resource",
  ),
  boundary(["operator/src/**"], ["@kubernetes/client-node"], "only kube/ may use the client library", {
    ignores: ["operator/src/kube/**"],
    types: "allowed",
  }),
  ...serverBoundaries,
  boundary(
    inServer(serverFloors.slice(0, 4).flat()),
    ["server/src/*.ts"],
    "only the upper folders may import deps and contract",
  ),
  boundary(
    inServer(serverFloors.slice(4).flat()),
    ["server/src/!(deps|contract|and-then).ts"],
    "main → start → gateway → the folders, never back",
  ),
  boundary(inServer(["protocol"]), inServer(["internals"]), "protocol must not import internals"),
  boundary(
    inServer(["ledger"]),
    ["server/src/broadcast/**", "socket.io"],
    "the ledger only counts, and must not know sockets",
  ),
  boundary(inServer(["private-api"]), ["socket.io", "engine.io"], "the private API must use its own interfaces"),
  boundary(
    ["operator/src/**", "server/src/**"],
    ["*/test/**", "testkit/**", "lab/**", "tools/**", "bench/**", "e2e/**", "**/*.test.ts"],
    "programs must not import from tests and tools",
  ),
  boundary(["operator/src/**"], ["server/**"], "the operator must not import from the gateway"),
  boundary(["server/src/**"], ["operator/**"], "the gateway must not import from the operator"),
  boundary(
    testFiles,
    ["lab/**", "tools/up/**"],
    "code that tests share with the lab or with make up belongs in testkit/",
    {
      ignores: [],
    },
  ),
  boundary(["operator/test/**"], ["server/test/**"], "code that both test suites use belongs in testkit/", {
    ignores: [],
  }),
  boundary(["bench/**"], ["*/test/**", "e2e/**"], "code that benchmarks share with tests belongs in testkit/"),
  boundary(["e2e/**"], ["bench/**", "*/test/**"], "code that end-to-end tests share belongs in testkit/", {
    ignores: [],
  }),
  boundary(
    ["testkit/**"],
    ["lab/**", "tools/**", "*/test/**", "bench/**", "e2e/**"],
    "testkit is the lowest folder and imports no other",
    {
      ignores: [],
    },
  ),
  boundary(
    ["testkit/**", "lab/**"],
    ["operator/**", "server/**"],
    "testkit and lab must not import from operator and server",
    {
      ignores: ["testkit/fake-kube/**"],
    },
  ),
  boundary(
    ["testkit/fake-kube/**"],
    ["server/**", "operator/src/!(api|kube)/**"],
    "the fake implements operator/src/kube and must import nothing else",
    { ignores: [] },
  ),
  {
    files: ["**/*.test.ts", "**/cli/**", "lab/**", "bench/**", "e2e/**", "tools/**", "sdk/**", "**/build.ts"],
    rules: { "no-console": "off" },
  },
  { files: ["**/*.js"], ...tseslint.configs.disableTypeChecked },
);
