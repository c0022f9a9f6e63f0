import type { RequestOptions } from "node:https";

/** Where the API server is, and how to say who we are. */
export interface Connection {
  /** Base URL; may have a path, as behind Rancher's proxy. */
  readonly server: string;
  readonly userAgent: string;
  /** TLS settings and credentials for the next request. What rotates is read again; throws when it cannot be read. */
  credentials(): Promise<Credentials>;
  /** The server answered 401: whatever was kept of the credentials is out of date. */
  forgetCredentials(): void;
}

/** `agent` only where a proxy must be passed; connections are pooled elsewhere, by these very values. */
export type Credentials = Pick<
  RequestOptions,
  "headers" | "auth" | "ca" | "cert" | "key" | "pfx" | "passphrase" | "servername" | "rejectUnauthorized" | "agent"
>;
