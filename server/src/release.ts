import packageJson from "../package.json" with { type: "json" };

/** The version of this gateway. */
export const release: string = packageJson.version;
