// How known identity providers build their tokens and key sets, according to their documentation. docs/tokens.md has a
// row for each provider.

import type { Issuer } from "../../src/auth/issuer.ts";

export interface ProviderShape {
  /** The provider's entry in spec.auth.jwt.issuers, without jwksURL. */
  entry: Omit<Issuer, "jwksURL">;
  algorithm: string;
  /** Fields in the header of a token, in addition to alg and kid. */
  header?: Record<string, unknown>;
  /** False when neither the tokens nor the keys have a kid. */
  hasKid?: false;
  /** Claims of a token, in addition to exp and iat. */
  claims: Record<string, unknown>;
  /**
   * Fields of a published key, in addition to the key itself. Most providers set use and alg, but Entra ID sets no alg.
   */
  keyFields?: Record<string, unknown>;
  /** Further keys in the same key set. They have another type or another use, so the gateway must ignore them. */
  otherKeys?: readonly Record<string, unknown>[];
  wantUser: string;
  wantRooms: readonly string[];
  /** Claims of a token that the same provider issued for another application, and the refusal that it must get. */
  forAnother: { claims: Record<string, unknown>; want: string };
}

const rooms = ["team-1", "lobby"];
/** An RSA key for encryption. Keycloak publishes such a key in the same set as its signing keys. */
const encryptionKey = { kty: "RSA", use: "enc", alg: "RSA-OAEP", kid: "enc-1", n: "0vx7agoebGc", e: "AQAB" };
const GUID = "11111111-2222-3333-4444-555555555555";
const TENANT = "9122040d-6c67-4c5b-b112-36a304b66dad";

export const providerShapes: Readonly<Record<string, ProviderShape>> = {
  Keycloak: {
    entry: { issuer: "https://sso.example.com/realms/main", audience: "chat" },
    algorithm: "RS256",
    header: { typ: "JWT" },
    claims: {
      iss: "https://sso.example.com/realms/main",
      aud: ["chat", "account"],
      azp: "web",
      sub: "f3a1b1ce-6a0a-4b0c-9d53-2f2f7b9d3a55",
      typ: "Bearer",
      jti: "onrtac:9d1a0f5e",
      rooms,
    },
    keyFields: { use: "sig", x5t: "x", x5c: ["not read while n and e are there"] },
    otherKeys: [encryptionKey],
    wantUser: "f3a1b1ce-6a0a-4b0c-9d53-2f2f7b9d3a55",
    wantRooms: rooms,
    forAnother: { claims: { aud: "account" }, want: "aud claim names another API" },
  },
  Auth0: {
    entry: {
      issuer: "https://example.eu.auth0.com/",
      audience: "https://chat.example.com",
      roomsClaim: "https://chat.example.com/rooms",
    },
    algorithm: "RS256",
    header: { typ: "at+jwt" },
    claims: {
      iss: "https://example.eu.auth0.com/",
      aud: ["https://chat.example.com", "https://example.eu.auth0.com/userinfo"],
      azp: "kDvJ1",
      sub: "auth0|5f7c8ec7c33c6c004bbafe82",
      scope: "openid profile",
      "https://chat.example.com/rooms": rooms,
    },
    keyFields: { use: "sig" },
    wantUser: "auth0|5f7c8ec7c33c6c004bbafe82",
    wantRooms: rooms,
    forAnother: { claims: { aud: "https://other.example.com" }, want: "aud claim names another API" },
  },
  "Entra ID v2.0": {
    entry: { issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, audience: GUID, roomsClaim: "roles" },
    algorithm: "RS256",
    header: { typ: "JWT", x5t: "T1St-dLTvyWRgxB_676u8krXS-I" },
    claims: {
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      aud: GUID,
      azp: GUID,
      sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
      oid: "00000000-0000-0000-66f3-3332eca7ea81",
      tid: TENANT,
      ver: "2.0",
      nbf: 0,
      roles: rooms,
    },
    keyFields: { use: "sig", alg: undefined, x5t: "x", issuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
    wantUser: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    wantRooms: rooms,
    forAnother: {
      claims: { iss: `https://login.microsoftonline.com/${GUID}/v2.0` },
      want: "is not one of the configured issuers",
    },
  },
  "Entra ID v1.0": {
    entry: { issuer: `https://sts.windows.net/${TENANT}/`, audience: `api://${GUID}`, roomsClaim: "roles" },
    algorithm: "RS256",
    header: { typ: "JWT", x5t: "T1St-dLTvyWRgxB_676u8krXS-I" },
    claims: {
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: `api://${GUID}`,
      appid: GUID,
      sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
      tid: TENANT,
      ver: "1.0",
      roles: rooms,
    },
    keyFields: { use: "sig", alg: undefined },
    wantUser: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    wantRooms: rooms,
    forAnother: { claims: { aud: "00000003-0000-0000-c000-000000000000" }, want: "aud claim names another API" },
  },
  "Cognito (access token)": {
    entry: {
      issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE",
      clientId: "1example23456789",
      roomsClaim: "cognito:groups",
    },
    algorithm: "RS256",
    claims: {
      iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE",
      client_id: "1example23456789",
      token_use: "access",
      sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      username: "ada",
      jti: "aaaaaaaa-bbbb-cccc-dddd-000000000000",
      "cognito:groups": rooms,
    },
    keyFields: { use: "sig" },
    wantUser: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    wantRooms: rooms,
    forAnother: { claims: { client_id: "another" }, want: "client_id names another client" },
  },
  Okta: {
    entry: { issuer: "https://example.okta.com/oauth2/default", audience: "api://default" },
    algorithm: "RS256",
    claims: {
      iss: "https://example.okta.com/oauth2/default",
      aud: "api://default",
      cid: "0oa1web",
      uid: "00u1ada",
      sub: "ada@example.com",
      ver: 1,
      jti: "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
      rooms,
    },
    keyFields: { use: "sig" },
    wantUser: "ada@example.com",
    wantRooms: rooms,
    forAnother: { claims: { aud: "https://example.okta.com" }, want: "aud claim names another API" },
  },
  Firebase: {
    entry: { issuer: "https://securetoken.google.com/my-project", audience: "my-project" },
    algorithm: "RS256",
    header: { typ: "JWT" },
    claims: {
      iss: "https://securetoken.google.com/my-project",
      aud: "my-project",
      sub: "Xt7aQ1mZ0bYc3dEf",
      user_id: "Xt7aQ1mZ0bYc3dEf",
      auth_time: 1,
      firebase: { sign_in_provider: "password" },
      rooms,
    },
    keyFields: { use: "sig" },
    wantUser: "Xt7aQ1mZ0bYc3dEf",
    wantRooms: rooms,
    forAnother: {
      claims: { iss: "https://securetoken.google.com/other", aud: "other" },
      want: "is not one of the configured issuers",
    },
  },
  Clerk: {
    entry: { issuer: "https://clerk.example.com", clientId: "https://app.example.com", roomsClaim: "metadata.rooms" },
    algorithm: "RS256",
    header: { typ: "JWT", cat: "cl_B7d4PD111AAA" },
    claims: {
      iss: "https://clerk.example.com",
      azp: "https://app.example.com",
      sub: "user_2abcDEF",
      sid: "sess_2abcDEF",
      // nbf is ten seconds before the token is issued.
      nbf: 0,
      v: 2,
      metadata: { rooms },
    },
    keyFields: { use: "sig" },
    wantUser: "user_2abcDEF",
    wantRooms: rooms,
    forAnother: { claims: { azp: "https://evil.example.com" }, want: "azp names another client" },
  },
  Supabase: {
    entry: {
      issuer: "https://abcdefgh.supabase.co/auth/v1",
      audience: "authenticated",
      roomsClaim: "app_metadata.rooms",
    },
    algorithm: "ES256",
    header: { typ: "JWT" },
    claims: {
      iss: "https://abcdefgh.supabase.co/auth/v1",
      aud: "authenticated",
      role: "authenticated",
      sub: "7c4d9a6e-0000-4000-8000-9b2f5c1d7e31",
      session_id: "1",
      is_anonymous: false,
      app_metadata: { provider: "email", rooms },
    },
    keyFields: { use: "sig", key_ops: ["verify"], ext: true },
    wantUser: "7c4d9a6e-0000-4000-8000-9b2f5c1d7e31",
    wantRooms: rooms,
    forAnother: { claims: { aud: "anon" }, want: "aud claim names another API" },
  },
  Zitadel: {
    entry: { issuer: "https://example-abc123.zitadel.cloud", audience: "271828182845904523" },
    algorithm: "RS256",
    header: { typ: "JWT" },
    claims: {
      iss: "https://example-abc123.zitadel.cloud",
      aud: ["271828182845904523@chat", "271828182845904523"],
      sub: "163840776835432705",
      jti: "V1-at_163840776835432705",
      rooms,
    },
    keyFields: { use: "sig" },
    wantUser: "163840776835432705",
    wantRooms: rooms,
    forAnother: { claims: { aud: ["314159"] }, want: "aud claim names another API" },
  },
  "plain OpenID Connect": {
    entry: { issuer: "https://id.example.com", audience: "chat" },
    algorithm: "EdDSA",
    hasKid: false,
    claims: { iss: "https://id.example.com/", aud: "chat", sub: "ada", rooms },
    wantUser: "ada",
    wantRooms: rooms,
    forAnother: { claims: { aud: undefined }, want: "no aud" },
  },
};
