import type { RequestOptions } from "node:https";

/** Where the API server is and how to authenticate. */
export interface Connection {
  /** Base URL. It may have a path, as behind Rancher's proxy. */
  readonly server: string;
  readonly userAgent: string;
  /**
   * TLS settings and credentials for the next request. Files are read again, because they may have been renewed. Throws
   * when one cannot be read.
   */
  credentials(): Promise<Credentials>;
  /** Drops cached credentials. Called when the server has answered 401. */
  forgetCredentials(): void;
}

/** `agent` is set only for a proxy. HttpClient keeps one pool of connections for each combination of these values. */
export type Credentials = Pick<
  RequestOptions,
  "headers" | "auth" | "ca" | "cert" | "key" | "pfx" | "passphrase" | "servername" | "rejectUnauthorized" | "agent"
>;
