import { expect, test } from "@jest/globals";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withStagedImage } from "./staged-image.ts";

test("removes the image's folder when its use succeeds or fails", async () => {
  const workspace = mkdtempSync(join(tmpdir(), "realtime-workspace-"));
  mkdirSync(join(workspace, "dist"));
  writeFileSync(join(workspace, "dist/main.mjs"), "1");
  writeFileSync(
    join(workspace, "image.json"),
    JSON.stringify({ name: "lab.local/x:dev", files: [{ from: "dist", to: "/app" }] }),
  );
  const folders: string[] = [];
  const use = (outcome: Promise<string>) =>
    withStagedImage(workspace, ({ folder }) => {
      folders.push(folder);
      expect(readFileSync(join(folder, "dist/main.mjs"), "utf8")).toBe("1");
      return outcome;
    });
  expect(await use(Promise.resolve("loaded"))).toBe("loaded");
  await expect(use(Promise.reject(new Error("no cluster")))).rejects.toThrow("no cluster");
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  rmSync(workspace, { recursive: true });
});
