import { describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goProblem } from "./go-toolchain.ts";

describe("goProblem", () => {
  test.each<{ name: string; says: string | undefined; want: RegExp | undefined }>([
    {
      name: "the problem says where to get Go when there is none",
      says: undefined,
      want: /Go >= 1\.26.*none in PATH.*go\.dev/,
    },
    {
      name: "a Go that cannot fetch another one is named",
      says: "go version go1.19.8 linux/amd64",
      want: /this machine has go version go1\.19\.8/,
    },
    { name: "a Go that fetches the right one is enough", says: "go version go1.22.2 linux/amd64", want: undefined },
    { name: "the Go of go.mod is enough", says: "go version go1.26.8 linux/arm64", want: undefined },
  ])("$name", async ({ says, want }) => {
    const folder = mkdtempSync(join(tmpdir(), "lab-go-"));
    try {
      if (says !== undefined) writeFileSync(join(folder, "go"), `#!/bin/sh\necho ${says}\n`, { mode: 0o755 });
      const problem = await goProblem(folder);
      if (want === undefined) expect(problem).toBeUndefined();
      else expect(problem).toMatch(want);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
