import { readFileSync } from "node:fs";

interface ImageDescription {
  entrypoint: string[];
  env: Record<string, string>;
}

const { entrypoint, env } = JSON.parse(
  readFileSync(new URL("../../server/image.json", import.meta.url), "utf8"),
) as ImageDescription;

/** What the gateway's image gives to node and to the C library: memory is measured as it is in production. */
export const shipped = { flags: entrypoint.filter((part) => part.startsWith("--")), env };
