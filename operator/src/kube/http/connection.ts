import type { RequestOptions } from "node:https";

/** The address of the API server, and how to authenticate. */
export interface Connection {
  /** Base URL of the API server. It may have a path, for example behind Rancher's proxy. */
  readonly server: string;
  readonly userAgent: string;
  /**
   * TLS settings and credentials for the next request. Reads the certificate and token files again, because another
   * program may have renewed them. Throws when a file cannot be read.
   */
  credentials(): Promise<Credentials>;
  /** Drops cached credentials. HttpClient calls it when the server has answered 401. */
  forgetCredentials(): void;
}

/**
 * What authenticates a request. `agent` is set only for a proxy. HttpClient keeps one pool of connections for each
 * combination of certificates and other TLS settings.
 */
export type Credentials = Pick<
  RequestOptions,
  "headers" | "auth" | "ca" | "cert" | "key" | "pfx" | "passphrase" | "servername" | "rejectUnauthorized" | "agent"
>;
