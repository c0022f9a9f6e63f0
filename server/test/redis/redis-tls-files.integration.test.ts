import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testAuthority, type Certificate, type TestAuthority } from "../../../testkit/certificates.ts";
import { parseRedisTargets } from "../../src/redis/redis-targets.ts";
import { tlsFileProblems, tlsOptions } from "../../src/redis/redis-tls.ts";

let authority: TestAuthority;
let certificate: Certificate;
let other: Certificate;
const folder = mkdtempSync(join(tmpdir(), "realtime-tls-"));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

function encryptedKey(path: string): string {
  const key = createPrivateKey(readFileSync(path));
  const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
  return file("encrypted.key", String(key.export(options)));
}

beforeAll(async () => {
  authority = await testAuthority();
  certificate = await authority.issue("client", "DNS:client");
  other = await authority.issue("other", "DNS:other");
});
afterAll(() => {
  authority.remove();
  rmSync(folder, { recursive: true });
});

const parse = (tlsFiles: Partial<Certificate>, urls = "rediss://redis") =>
  parseRedisTargets({ urls, host: "", port: "", password: "", tlsFiles });

test("each of several addresses over TLS gets the files, and one in clear does not", () => {
  const { targets, problems } = parse(certificate, "rediss://a,redis://b,rediss+sentinel://c/main?tlsServerName=d");
  expect(problems).toEqual([]);
  expect(targets.map(({ tls }) => tls)).toEqual([
    { files: certificate },
    undefined,
    { serverName: "d", files: certificate },
  ]);
});

describe("files that can't be used are named by their variable", () => {
  test.each<{ name: string; files: () => Partial<Certificate>; urls?: string; want: RegExp }>([
    { name: "none there", files: () => ({ ca: join(folder, "none") }), want: /^REDIS_CA_FILE cannot be read: ENOENT/ },
    {
      name: "no PEM",
      files: () => ({ ca: file("empty", "") }),
      want: /^REDIS_CA_FILE contains no certificate in PEM form/,
    },
    {
      name: "a key of another certificate",
      files: () => ({ ...certificate, key: other.key }),
      want: /^REDIS_CA_FILE, REDIS_CERT_FILE, REDIS_KEY_FILE cannot be used: .*key values mismatch/,
    },
    {
      name: "a broken certificate",
      files: () => ({ ca: file("broken", "-----BEGIN CERTIFICATE-----") }),
      want: /^REDIS_CA_FILE contains no certificate in PEM form/,
    },
    {
      name: "a key with a passphrase",
      files: () => ({ ...certificate, key: encryptedKey(certificate.key) }),
      want: /^REDIS_KEY_FILE has a passphrase, which is not supported/,
    },
    { name: "a certificate without key", files: () => ({ cert: certificate.cert }), want: /belong together/ },
    {
      name: "files and no address over TLS",
      files: () => certificate,
      urls: "redis://redis",
      want: /need TLS: begin REDIS_URL with rediss/,
    },
  ])("$name", ({ files, urls, want }) => {
    const { targets, problems } = parse(files(), urls);
    expect([...problems, ...tlsFileProblems(targets)]).toEqual([expect.stringMatching(want)]);
  });
});

test("files that can't be used after a renewal are reported, and those read before stay in use", () => {
  const problems: string[] = [];
  const kept = { cert: certificate.cert, key: certificate.key };
  const options = tlsOptions({ files: kept }, (problem) => problems.push(problem.message));
  const first = options.secureContext;
  expect(options.secureContext).toBe(first);
  kept.key = other.key;
  expect(options.secureContext).toBe(first);
  expect(problems).toEqual([expect.stringContaining("key values mismatch")]);
  kept.cert = other.cert;
  expect(options.secureContext).not.toBe(first);
  expect(problems).toHaveLength(1);
});
