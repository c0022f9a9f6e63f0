import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";

/** How a Redis is reached over TLS. Its certificate must be valid for the host, or for the name given here. */
export interface RedisTls {
  /** A name of the certificate, where Redis is reached by addresses that are not in it. */
  serverName?: string;
  files?: RedisTlsFiles;
}

/** Paths of PEM files. */
export interface RedisTlsFiles {
  /** What signed the certificates of Redis; without it the public authorities count, and NODE_EXTRA_CA_CERTS. */
  ca?: string;
  /** This gateway's certificate, and the certificates between it and its CA. */
  cert?: string;
  key?: string;
}

const VARIABLES = { ca: "REDIS_CA_FILE", cert: "REDIS_CERT_FILE", key: "REDIS_KEY_FILE" } as const;
const NAMES = ["ca", "cert", "key"] as const;

/** What is wrong with the files of these addresses, by the variables that name them. */
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
 * Options for every connection to one Redis. They are read for each connection: a renewed certificate needs no restart.
 * Files that can't be used by then are reported, and the last good ones stay. Throws if they can't be used now.
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
      // Node reads a file without any certificate as an empty list of authorities: nothing would ever be valid.
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
