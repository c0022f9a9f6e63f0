import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";

/** TLS settings for a Redis server. The server's certificate must be valid for its host name, or for `serverName`. */
export interface RedisTls {
  /** A name from the server's certificate. Needed if the certificate does not contain the address in REDIS_URL. */
  serverName?: string;
  files?: RedisTlsFiles;
}

/** Paths of PEM files. */
export interface RedisTlsFiles {
  /** The CA that has issued the certificates of Redis. Default: the public CAs and NODE_EXTRA_CA_CERTS. */
  ca?: string;
  /** This gateway's certificate, and after it the intermediate certificates. */
  cert?: string;
  key?: string;
}

const VARIABLES = { ca: "REDIS_CA_FILE", cert: "REDIS_CERT_FILE", key: "REDIS_KEY_FILE" } as const;
const NAMES = ["ca", "cert", "key"] as const;

/** Checks the TLS files. Each problem names the environment variable of a file. */
export function tlsFileProblems(targets: readonly { tls?: RedisTls }[] = []): readonly string[] {
  const problems = targets.flatMap(({ tls: { files } = {} }) => {
    try {
      if (files !== undefined) contextOf(contentOf(files), files);
      return [];
    } catch (error) {
      return (error as Error).message;
    }
  });
  return [...new Set(problems)];
}

/**
 * TLS options for all connections to one Redis server. The files are read again for each connection, so a renewed
 * certificate needs no restart. If a file can no longer be used, `onProblem` is called and the last valid content is
 * used. Throws if a file cannot be used at the start.
 */
export function tlsOptions({ serverName, files }: RedisTls, onProblem: (problem: Error) => void): ConnectionOptions {
  const name = serverName === undefined ? {} : { servername: serverName };
  if (files === undefined) return name;
  let content = contentOf(files);
  let context = contextOf(content, files);
  return {
    ...name,
    get secureContext() {
      try {
        const latest = contentOf(files);
        if (NAMES.some((part) => latest[part] !== content[part])) context = contextOf(latest, files);
        content = latest;
      } catch (error) {
        onProblem(error as Error);
      }
      return context;
    },
  };
}

function contentOf(files: RedisTlsFiles): RedisTlsFiles {
  const content: RedisTlsFiles = {};
  for (const part of NAMES) {
    const path = files[part];
    if (path === undefined) continue;
    try {
      content[part] = readFileSync(path, "utf8");
    } catch (error) {
      throw new Error(`${VARIABLES[part]} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }
  return content;
}

function contextOf(content: RedisTlsFiles, files: RedisTlsFiles): SecureContext {
  for (const part of ["ca", "cert"] as const) {
    const pem = content[part];
    try {
      // Throws if the text is no certificate. Node would take such a text for an empty list of CAs, and would then
      // reject every certificate.
      if (pem !== undefined) new X509Certificate(pem);
    } catch (error) {
      throw new Error(`${VARIABLES[part]} contains no certificate in PEM form`, { cause: error });
    }
  }
  try {
    return createSecureContext(content);
  } catch (error) {
    if (content.key?.includes("ENCRYPTED") === true)
      throw new Error(
        "REDIS_KEY_FILE has a passphrase, which is not supported: write the key without it (openssl pkey -in KEY -out NEW)",
        { cause: error },
      );
    const named = NAMES.filter((part) => files[part] !== undefined).map((part) => VARIABLES[part]);
    throw new Error(`${named.join(", ")} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}
