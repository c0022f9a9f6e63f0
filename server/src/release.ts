import packageJson from "../package.json" with { type: "json" };

export const release: string = packageJson.version;
