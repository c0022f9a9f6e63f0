import type { RequestOptions } from "node:https";

/** Where the API server is and how to authenticate. */
export interface Connection {
  /** Base URL; may have a path, as with Rancher's proxy. */
  readonly server: string;
  readonly userAgent: string;
  /** TLS settings and credentials for the next request; rotated files are read again. Throws when unreadable. */
  credentials(): Promise<Credentials>;
  /** The server answered 401: drop cached credentials. */
  forgetCredentials(): void;
}

/** `agent` is set only for a proxy. HttpClient pools connections by these values. */
export type Credentials = Pick<
  RequestOptions,
  "headers" | "auth" | "ca" | "cert" | "key" | "pfx" | "passphrase" | "servername" | "rejectUnauthorized" | "agent"
>;
