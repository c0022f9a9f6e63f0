import tseslint from "typescript-eslint";

// Imports point one way. Each row: files in this folder must not import from those.
const boundary = (files, banned, why) => ({
  files,
  ignores: ["**/*.test.ts"],
  rules: {
    "no-restricted-imports": ["error", { patterns: banned.map((group) => ({ group: [group], message: why })) }],
  },
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
      eqeqeq: "error",
      "no-console": "error",
      "prefer-const": "error",
    },
  },
  {
    // The environment is read in one place per program.
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
    // What is computed from values must not look at the clock or throw dice.
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
  {
    files: ["operator/src/kube/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/engine/**"],
              message:
                "kube fills in what the engine asks for (Clock, LeaseStore): it may know these types and runs nothing of it",
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  boundary(
    ["operator/src/engine/**"],
    ["**/kube/**", "**/reconcile/**", "**/manifests/**", "**/api/**", "**/cli/**"],
    "the engine knows nothing of our kind",
  ),
  {
    files: ["operator/src/**/*.ts"],
    ignores: ["operator/src/kube/**"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "@kubernetes/client-node", message: "only kube/ speaks to the client", allowTypeImports: true },
          ],
        },
      ],
    },
  },
  boundary(
    ["server/src/ledger/**"],
    ["**/connections/**", "**/sessions/**", "**/handlers/**", "**/edge/**", "**/broadcast/**", "socket.io"],
    "the ledger counts and knows no sockets: ledger → redis, protocol",
  ),
  {
    files: ["**/*.test.ts", "**/cli/**", "lab/**", "bench/**", "e2e/**", "tools/**", "**/build.ts"],
    rules: { "no-console": "off" },
  },
  { files: ["**/*.js"], ...tseslint.configs.disableTypeChecked },
);
