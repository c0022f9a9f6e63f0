import { weaknessOf } from "./hmac-tokens.ts";
import { issuerKey, type Issuer } from "./issuer.ts";

/** How the gateway checks tokens: by shared secrets, by the public keys of issuers, or not at all. */
export type AuthConfig =
  { type: "hmac"; secrets: readonly string[] } | { type: "issuers"; issuers: readonly Issuer[] } | { type: "none" };

export interface AuthTexts {
  /** The text of JWT_SECRET: one secret per line. */
  secrets: string;
  /** The text of JWT_ISSUERS: a JSON list, "none", or empty. */
  issuers: string;
  /** True in demo mode, in which the gateway is allowed to run without token checks. */
  isDemo: boolean;
}

export interface AuthAnswer {
  auth: AuthConfig;
  problems: readonly string[];
  warnings: readonly string[];
}

const WANTED =
  'JWT_ISSUERS must be none, or a JSON list like [{"issuer":"https://id.example.com","audience":"chat","jwksURL":"https://id.example.com/jwks"}]';
const MAX_ISSUERS = 32;

/** Parses the settings for tokens. Problems and warnings never contain a secret. */
export function parseAuth({ secrets: secretText, issuers: issuersText, isDemo }: AuthTexts): AuthAnswer {
  const secrets = secretText
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (secrets.length > 0) {
    const weaknesses = secrets.flatMap((secret) => weaknessOf(secret) ?? []);
    const problems = weaknesses.map((weakness) => `JWT_SECRET ${weakness}: generate one with openssl rand -hex 32`);
    if (issuersText !== "") problems.push("JWT_SECRET and JWT_ISSUERS are both set: keep one of them");
    return { auth: { type: "hmac", secrets }, problems, warnings: [] };
  }
  if (issuersText === "" || issuersText.toLowerCase() === "none") {
    return {
      auth: { type: "none" },
      problems:
        issuersText === "" && !isDemo
          ? ["JWT_SECRET or JWT_ISSUERS is required: set one of them (JWT_ISSUERS=none accepts every client)"]
          : [],
      warnings: ["tokens are not checked: every client may connect, and every connection is its own user"],
    };
  }
  return { warnings: [], ...parseIssuers(issuersText) };
}

function parseIssuers(text: string): Pick<AuthAnswer, "auth" | "problems"> {
  const list = listIn(text);
  if (list === undefined || list.length === 0 || list.length > MAX_ISSUERS)
    return { auth: { type: "issuers", issuers: [] }, problems: [WANTED] };
  const parsed = list.map((entry, index) => issuerIn(entry, `JWT_ISSUERS[${index}]`));
  const issuers = parsed.map(({ issuer }) => issuer);
  const problems = parsed.flatMap((one) => one.problems);
  // The gateway finds the keys by the issuer, so it would never use a second entry for the same issuer.
  if (new Set(issuers.map(({ issuer }) => issuerKey(issuer))).size < issuers.length)
    problems.push("JWT_ISSUERS names an issuer twice: keep one entry for each");
  return { auth: { type: "issuers", issuers }, problems };
}

function issuerIn(entry: unknown, path: string): { issuer: Issuer; problems: string[] } {
  const fields = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  const { issuer, jwksURL } = fields;
  const given = OPTIONAL.filter((name) => fields[name] !== undefined);
  const problems = [
    ...["issuer", "jwksURL"]
      .filter((name) => !isText(fields[name]))
      .map((name) => `${path}.${name} is missing: ${WANTED}`),
    ...given
      .filter((name) => !isText(fields[name]))
      .map((name) => `${path}.${name} must be a string that is not empty`),
  ];
  // Without both settings, the gateway would accept every token of the issuer, even tokens for other applications.
  if (!given.includes("audience") && !given.includes("clientId"))
    problems.push(`${path} needs an audience, or a clientId for tokens without aud: ${WANTED}`);
  if (isText(issuer)) problems.push(...placeholderProblems(issuer, `${path}.issuer`));
  if (isText(jwksURL) && !/^https?:$/.test(URL.parse(jwksURL)?.protocol ?? ""))
    problems.push(`${path}.jwksURL must be an http or https URL`);
  const optional = Object.fromEntries(given.map((name) => [name, String(fields[name])]));
  return { issuer: { issuer: String(issuer), jwksURL: String(jwksURL), ...optional }, problems };
}

/** Discovery documents and manuals of Entra ID have these in place of the tenant's id. Tokens always have the id. */
function placeholderProblems(issuer: string, path: string): string[] {
  const fix = "write the iss of your tokens, and one entry for each tenant";
  if (issuer.includes("{")) return [`${path} has a placeholder such as {tenantid}, which no token has: ${fix}`];
  const isOfEntra = /^https:\/\/(login\.microsoftonline\.com|sts\.windows\.net)\//.test(issuer);
  if (!isOfEntra || /^https:\/\/[^/]+\/[0-9a-fA-F-]{36}(\/|$)/.test(issuer)) return [];
  return [`${path} has no tenant's id, but tokens of Entra ID have it in their iss: ${fix}`];
}

const OPTIONAL = ["audience", "clientId", "roomsClaim"] as const;

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function listIn(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
