import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";

/** TLS settings of a Redis. Its certificate must be valid for the host or for `serverName`. */
export interface RedisTls {
  /** A name from the certificate. Needed when the certificate does not contain the address of the Redis. */
  serverName?: string;
  files?: RedisTlsFiles;
}

/** Paths of PEM files. */
export interface RedisTlsFiles {
  /** CA of the Redis certificates. Default: the public CAs and NODE_EXTRA_CA_CERTS. */
  ca?: string;
  /** This gateway's certificate, followed by its intermediate certificates. */
  cert?: string;
  key?: string;
}

const VARIABLES = { ca: "REDIS_CA_FILE", cert: "REDIS_CERT_FILE", key: "REDIS_KEY_FILE" } as const;
const NAMES = ["ca", "cert", "key"] as const;

/** What is wrong with the TLS files. Each problem names the environment variable. */
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
 * TLS options for every connection to one Redis. Files are read again for each connection, so a renewed certificate
 * needs no restart. When a file becomes unusable, it calls `onProblem` and uses the last good file. Throws when a file
 * is unusable at the start.
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
      // Throws if the text is no certificate. Node would read it as an empty list of CAs, and would then reject every
      // certificate.
      if (pem !== undefined) new X509Certificate(pem);
    } catch (error) {
      throw new Error(`${VARIABLES[part]} holds no certificate in PEM form`, { cause: error });
    }
  }
  try {
    return createSecureContext(content);
  } catch (error) {
    const named = NAMES.filter((part) => files[part] !== undefined).map((part) => VARIABLES[part]);
    throw new Error(`${named.join(", ")} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}
