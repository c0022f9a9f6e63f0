import { readFileSync } from "node:fs";

interface ImageDescription {
  entrypoint: string[];
  env: Record<string, string>;
}

const { entrypoint, env } = JSON.parse(
  readFileSync(new URL("../../server/image.json", import.meta.url), "utf8"),
) as ImageDescription;

/**
 * The Node flags and the environment variables of the gateway's image. With them, tests measure memory as in
 * production.
 */
export const shipped = { flags: entrypoint.filter((part) => part.startsWith("--")), env };
