import packageJson from "../package.json" with { type: "json" };

/** The version of this operator. */
export const release: string = packageJson.version;
