import { weaknessOf } from "./hmac-tokens.ts";
import type { Issuer } from "./jwks-issuers.ts";

/** How tokens are checked. */
export type AuthConfig =
  { type: "hmac"; secrets: readonly string[] } | { type: "issuers"; issuers: readonly Issuer[] } | { type: "none" };

export interface AuthTexts {
  /** JWT_SECRET: one secret a line. */
  secrets: string;
  /** JWT_ISSUERS: a JSON list, or none. */
  issuers: string;
  /** A demo may go without. */
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

/** Reads how tokens are checked. No problem repeats a secret. */
export function parseAuth({ secrets: secretText, issuers: issuersText, isDemo }: AuthTexts): AuthAnswer {
  const secrets = secretText
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (secrets.length > 0) {
    const weaknesses = secrets.flatMap((secret) => weaknessOf(secret) ?? []);
    const problems = weaknesses.map((weakness) => `JWT_SECRET ${weakness}: draw one with openssl rand -hex 32`);
    if (issuersText !== "") problems.push("JWT_SECRET and JWT_ISSUERS are both set: keep one of them");
    return { auth: { type: "hmac", secrets }, problems, warnings: [] };
  }
  if (issuersText === "" || issuersText.toLowerCase() === "none") {
    return {
      auth: { type: "none" },
      problems:
        issuersText === "" && !isDemo
          ? ["JWT_SECRET or JWT_ISSUERS is needed: set one of them (JWT_ISSUERS=none lets everybody in)"]
          : [],
      warnings: ["tokens are not checked: everybody is let in and nobody is known by name"],
    };
  }
  return { warnings: [], ...parseIssuers(issuersText) };
}

function parseIssuers(text: string): Pick<AuthAnswer, "auth" | "problems"> {
  const list = listIn(text);
  if (list === undefined || list.length === 0 || list.length > MAX_ISSUERS)
    return { auth: { type: "issuers", issuers: [] }, problems: [WANTED] };
  const problems: string[] = [];
  const issuers = list.map((entry, index): Issuer => {
    const { issuer, audience, jwksURL } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<
      string,
      unknown
    >;
    for (const [name, value] of Object.entries({ issuer, audience, jwksURL })) {
      if (typeof value !== "string" || value === "")
        problems.push(`JWT_ISSUERS[${index}].${name} is missing: ${WANTED}`);
    }
    if (typeof jwksURL === "string" && !/^https?:$/.test(URL.parse(jwksURL)?.protocol ?? "")) {
      problems.push(`JWT_ISSUERS[${index}].jwksURL must be an http or https URL`);
    }
    return { issuer: String(issuer), audience: String(audience), jwksURL: String(jwksURL) };
  });
  // Keys are looked up by the issuer's name: of two with one name the first would never be asked.
  if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length)
    problems.push("JWT_ISSUERS names an issuer twice: keep one entry for each");
  return { auth: { type: "issuers", issuers }, problems };
}

function listIn(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
