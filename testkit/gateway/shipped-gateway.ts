import { readFileSync } from "node:fs";

interface ImageDescription {
  entrypoint: string[];
  env: Record<string, string>;
}

const { entrypoint, env } = JSON.parse(
  readFileSync(new URL("../../server/image.json", import.meta.url), "utf8"),
) as ImageDescription;

/** Node's flags and environment from the gateway's image, so that memory is measured as in production. */
export const shipped = { flags: entrypoint.filter((part) => part.startsWith("--")), env };
