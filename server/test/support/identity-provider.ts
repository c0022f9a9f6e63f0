import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK } from "jose";

/** A fake identity provider. It publishes a key set over HTTP and signs tokens with its keys. */
export interface IdentityProvider {
  issuer: string;
  jwksURL: string;
  /** The provider's entry for the environment variable JWT_ISSUERS. */
  entry: { issuer: string; audience: string; jwksURL: string };
  /** How often gateways have requested the key set. */
  reads(): number;
  /** Creates a key and adds it to the published key set. */
  addKey(kid: string, algorithm?: string): Promise<void>;
  /** Removes a key from the published key set. The provider can still sign with it. */
  withdraw(kid: string): void;
  sign(kid: string, claims?: Record<string, unknown>): Promise<string>;
  /** A public key as PEM text. For tests of an attack that uses this text as an HMAC secret. */
  pem(kid: string): Promise<string>;
  /** Makes this handler answer all later requests. With undefined, the provider publishes its key set again. */
  answer(handler: ((request: IncomingMessage, response: ServerResponse) => void) | undefined): void;
  close(): Promise<void>;
}

export const AUDIENCE = "chat";

export async function startIdentityProvider(name = "id"): Promise<IdentityProvider> {
  const keys = new Map<string, { algorithm: string; pair: Awaited<ReturnType<typeof generateKeyPair>>; jwk: JWK }>();
  const published = new Set<string>();
  let reads = 0;
  let other: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    reads += 1;
    if (other !== undefined) return other(request, response);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [...published].map((kid) => keys.get(kid)!.jwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `https://${name}.example.com`;
  const jwksURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  return {
    issuer,
    jwksURL,
    entry: { issuer, audience: AUDIENCE, jwksURL },
    reads: () => reads,
    async addKey(kid, algorithm = "ES256") {
      const pair = await generateKeyPair(algorithm);
      keys.set(kid, { algorithm, pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: algorithm } });
      published.add(kid);
    },
    withdraw: (kid) => void published.delete(kid),
    sign(kid, claims = {}) {
      const { algorithm, pair } = keys.get(kid)!;
      const exp = Math.floor(Date.now() / 1000) + 3600;
      return new SignJWT({ iss: issuer, aud: AUDIENCE, sub: "ada", exp, rooms: ["*"], ...claims })
        .setProtectedHeader({ alg: algorithm, kid })
        .sign(pair.privateKey);
    },
    pem: (kid) => exportSPKI(keys.get(kid)!.pair.publicKey),
    answer: (handler) => void (other = handler),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
