// The name of a test file says what it needs. *.test.ts: nothing, and it is fast. *.integration.test.ts and
// *.abuse.test.ts: they start real processes on this machine. *.e2e.test.ts: the cluster of `make up`.
// *.alone.e2e.test.ts: this cluster, with no other test at the same time, because they change the operator or the
// node, or need much CPU.
const shared = {
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/tools/strip-types.js" },
  testEnvironment: "node",
  modulePathIgnorePatterns: ["/dist/"],
};

const workspaces = ["operator", "server", "lab", "testkit", "client", "sdk", "e2e", "bench", "tools", "examples"];
const under = (suffix) => workspaces.map((workspace) => `<rootDir>/${workspace}/**/${suffix}`);

export default {
  // Longer than Jest's default of five seconds, so that tests do not fail on a busy machine.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: under("*.test.ts"),
      testPathIgnorePatterns: ["/node_modules/", "/dist/", "\\.(integration|e2e|abuse)\\.test\\.ts$"],
    },
    { ...shared, displayName: "integration", testMatch: under("*.integration.test.ts") },
    { ...shared, displayName: "abuse", testMatch: under("*.abuse.test.ts") },
    {
      ...shared,
      displayName: "e2e",
      testMatch: under("*.e2e.test.ts"),
      testPathIgnorePatterns: ["/node_modules/", "/dist/", "\\.alone\\.e2e\\.test\\.ts$"],
    },
    { ...shared, displayName: "e2e-alone", testMatch: under("*.alone.e2e.test.ts") },
  ],
};
