import type { Linter } from "eslint";
export function importBoundary(
  files: string[],
  banned: string[],
  why: string,
  options?: { ignores?: string[]; types?: "allowed" | "banned" },
): Linter.Config;
