import { copyFileSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { testAuthority, type Certificate, type TestAuthority } from "../../../testkit/certificates.ts";
import { freePorts } from "../../../testkit/free-ports.ts";
import { startSentinel } from "../../../testkit/redis-sentinel.ts";
import { tlsRecorder, type TlsRecorder } from "../../../testkit/tls-recorder.ts";
import { until } from "../../../testkit/until.ts";
import { callApi } from "../../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../support/gateway.ts";
import { stage } from "../support/stage.ts";

const on = stage();
let authority: TestAuthority;
let certificate: Certificate;

/**
 * The permissions that docs/server.md lists for the gateway's Redis user. Redis accepts no other user and no other
 * password.
 */
const rights = [
  ..."~realtime:* &realtime* &realtime#/events#* &realtime#/messaging#* &realtime#/#*".split(" "),
  ..."-@all +@read +@write +@pubsub +@scripting +@connection -@dangerous +info +time +cluster|slots +cluster|info".split(
    " ",
  ),
];
const admin = ["--user", "root", "on", ">root", "~*", "&*", "+@all"];
const users = ["--user", "default", "off", ...admin, "--user", "ada", "on", ">red/pass:1", ...rights];
const LOGIN = `ada:${encodeURIComponent("red/pass:1")}`;
const NAMES = "DNS:localhost";
const ADDRESS = "127.0.0.1";

beforeEach(async () => {
  authority = await testAuthority();
  on.defer(() => authority.remove());
  certificate = await authority.issue("redis", NAMES);
});

interface Place {
  url: string;
  recorders: TlsRecorder[];
}

async function recorder(): Promise<TlsRecorder> {
  const made = await tlsRecorder();
  on.defer(() => made.close());
  return made;
}

async function single(host = "localhost"): Promise<Place> {
  const record = await recorder();
  record.forwardTo((await on.redis({ tls: certificate, args: users })).port);
  return { url: `rediss://${LOGIN}@${host}:${record.port}/1`, recorders: [record] };
}

async function several(): Promise<Place> {
  const [one, two] = [await single(), await single()];
  return { url: `${one.url},${two.url}`, recorders: [...one.recorders, ...two.recorders] };
}

async function sentinel(): Promise<Place> {
  const [toMaster, toSentinel] = [await recorder(), await recorder()];
  const master = await on.redis({ tls: certificate, args: users });
  toMaster.forwardTo(master.port);
  const made = await startSentinel({
    // The Sentinel reports this port as the master's. It is the port of a recorder, so the test sees all connections.
    masterPort: toMaster.port,
    tls: certificate,
    lines: [
      "sentinel auth-user mymaster ada",
      "sentinel auth-pass mymaster red/pass:1",
      "user default off",
      "user watcher on >sen&pass +@all",
    ],
  });
  on.defer(() => made.stop());
  toSentinel.forwardTo(made.port);
  const options = `sentinelUsername=watcher&sentinelPassword=${encodeURIComponent("sen&pass")}`;
  return {
    url: `rediss+sentinel://${LOGIN}@localhost:${toSentinel.port}/mymaster?${options}`,
    recorders: [toMaster, toSentinel],
  };
}

const byName = ["--cluster-announce-hostname", "localhost", "--cluster-preferred-endpoint-type", "hostname"];

async function cluster(announce = byName): Promise<Place> {
  const record = await recorder();
  const [busPort = 0] = await freePorts(1);
  const ports = ["--cluster-port", String(busPort), "--cluster-announce-tls-port", String(record.port)];
  const redis = await on.redis({
    tls: certificate,
    args: ["--cluster-enabled", "yes", "--tls-cluster", "yes", ...announce, ...ports, ...users],
  });
  record.forwardTo(redis.port);
  const client = new Redis({ ...adminOptions(), host: "localhost", port: redis.port });
  await client.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await until(
    "the cluster",
    async () => String(await client.call("CLUSTER", "INFO")).includes("cluster_state:ok"),
    30_000,
  );
  client.disconnect();
  return { url: `rediss+cluster://${LOGIN}@localhost:${record.port}`, recorders: [record] };
}

function adminOptions() {
  const { ca, cert, key } = certificate;
  const tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
  return { username: "root", password: "root", tls };
}

const files = ({ ca, cert, key }: Certificate) => ({ REDIS_CA_FILE: ca, REDIS_CERT_FILE: cert, REDIS_KEY_FILE: key });

const start = (url: string, env: Record<string, string> = {}): Promise<TestGateway> =>
  on.gateway({ REDIS_ENABLED: "true", REDIS_URL: url, ...files(certificate), ...env });

const isWhole = async (gateway: TestGateway) =>
  ((await callApi(gateway, "/api/websocket/health")).body as { status: string }).status === "ok";
const readiness = async (gateway: TestGateway) => (await callApi(gateway, "/readyz")).text;

/** How many connections gateways have to this Redis, which requires client certificates. */
async function connectionsOf(port: number): Promise<number> {
  const client = new Redis({ ...adminOptions(), host: "localhost", port });
  const list = String(await client.call("CLIENT", "LIST"));
  client.disconnect();
  return list.split("\n").filter((line) => line.includes("name=realtime-")).length;
}

describe("sends TLS only, for the bus and for the ledger, to", () => {
  test.each([
    { form: "one server", place: () => single(), least: 4 },
    { form: "several servers", place: several, least: 2 },
    // More connections than with one server: the bus, the ledger and the revocations each ask a Sentinel first.
    { form: "Sentinels with a user of their own", place: sentinel, least: 4 },
    { form: "Redis Cluster", place: cluster, least: 4 },
  ])("$form, by name, with client certificates and users", async ({ place, least }) => {
    const { url, recorders } = await place();
    const gateways = [await start(url), await start(url)];
    for (const gateway of gateways) await until("the gateway to be ok", () => isWhole(gateway), 30_000, 20);
    const [ada, bob] = [await on.connect(gateways[0]!), await on.connect(gateways[1]!)];
    for (const client of [ada, bob])
      expect(await client.ask("join_room", { room: "team" })).toMatchObject({ success: true });
    await callApi(gateways[0]!, "/api/publish", { body: { room: "team", event: "news", data: { n: 1 } } });
    expect(await bob.next("news")).toMatchObject({ n: 1 });
    expect(recorders.flatMap((record) => record.inClear())).toEqual([]);
    for (const record of recorders) expect(record.connections()).toBeGreaterThanOrEqual(least);
  });
});

describe("sends no password and names the setting when it meets", () => {
  test.each<{ name: string; env: () => Promise<Record<string, string>>; host?: string; want: string }>([
    {
      name: "a certificate of an unknown authority",
      env: async () => ({ REDIS_CA_FILE: "" }),
      want: "REDIS_CA_FILE",
    },
    {
      name: "a certificate for another name",
      env: async () => ({}),
      host: ADDRESS,
      want: "tlsServerName",
    },
    {
      name: "a server that asks for a client certificate and gets none",
      env: async () => ({ REDIS_CERT_FILE: "", REDIS_KEY_FILE: "" }),
      want: "REDIS_CERT_FILE",
    },
    {
      name: "a server that does not trust the client certificate",
      async env() {
        const other = await testAuthority();
        on.defer(() => other.remove());
        const { cert, key } = await other.issue("client", "DNS:gateway");
        return { REDIS_CERT_FILE: cert, REDIS_KEY_FILE: key };
      },
      want: "Redis rejects the certificate in REDIS_CERT_FILE",
    },
  ])("$name", async ({ env, host, want }) => {
    const { url, recorders } = await single(host);
    const gateway = await start(url, await env());
    await until(`the reason to name ${want}`, async () => (await readiness(gateway)).includes(want), 30_000, 20);
    expect(recorders.flatMap((record) => record.inClear())).toEqual([]);
  });

  test("a server that does not speak TLS", async () => {
    const record = await recorder();
    record.forwardTo((await on.redis()).port);
    const gateway = await start(`rediss://${LOGIN}@localhost:${record.port}`);
    await until(
      "the reason",
      async () => (await readiness(gateway)).includes("begin REDIS_URL with redis instead of rediss"),
      30_000,
      20,
    );
    expect(record.inClear()).toEqual([]);
    expect(record.connections()).toBeGreaterThan(0);
  });
});

test("accepts a certificate for another name when the URL gives that name", async () => {
  const { url } = await single(ADDRESS);
  const gateway = await start(`${url}?tlsServerName=localhost`);
  await until("the gateway to be ok", () => isWhole(gateway), 30_000, 20);
});

test("a Cluster that announces addresses works with the name given in the URL", async () => {
  const { url, recorders } = await cluster(["--cluster-announce-ip", ADDRESS]);
  const gateway = await start(`${url}?tlsServerName=localhost`);
  await until("the gateway to be ok", () => isWhole(gateway), 30_000, 20);
  expect(recorders.flatMap((record) => record.inClear())).toEqual([]);
});

test("Sentinels that announce addresses work with the name given in the URL", async () => {
  const record = await recorder();
  const master = await on.redis({ tls: certificate, args: users });
  record.forwardTo(master.port);
  const made = await startSentinel({
    masterPort: record.port,
    tls: certificate,
    lines: [
      "sentinel announce-hostnames no",
      "sentinel auth-user mymaster ada",
      "sentinel auth-pass mymaster red/pass:1",
    ],
  });
  on.defer(() => made.stop());
  const gateway = await start(
    `rediss+sentinel://${LOGIN}@127.0.0.1:${made.port}/mymaster?tlsServerName=localhost&sentinelPassword=`,
  );
  await until("the gateway to be ok", () => isWhole(gateway), 30_000, 20);
  expect(record.inClear()).toEqual([]);
});

test("uses a renewed client certificate from the next connection on, without a restart", async () => {
  const redis = await on.redis({ tls: certificate, args: users });
  const client = await authority.issue("client", "DNS:gateway");
  const gateway = await start(`rediss://${LOGIN}@localhost:${redis.port}`, files(client));
  await until("the gateway to be ok", () => isWhole(gateway), 30_000, 20);
  // Replace the files by certificates of another authority, so that the certificate from the start is no longer
  // accepted.
  const other = await testAuthority();
  on.defer(() => other.remove());
  const renewed = { server: await other.issue("redis", NAMES), client: await other.issue("client", "DNS:gateway") };
  for (const part of ["ca", "cert", "key"] as const) {
    copyFileSync(renewed.server[part], certificate[part]);
    copyFileSync(renewed.client[part], client[part]);
  }
  await redis.restart();
  await until("the new authority to be used", async () => (await connectionsOf(redis.port)) >= 4, 30_000, 20);
  await until("the gateway to be whole again", () => isWhole(gateway), 30_000, 20);
});

test("asks the next Sentinel when one accepts connections and never answers", async () => {
  const master = await on.redis();
  const [silent, answering] = [
    await startSentinel({ masterPort: master.port }),
    await startSentinel({ masterPort: master.port }),
  ];
  on.defer(() => Promise.all([silent.stop(), answering.stop()]));
  silent.pause();
  const gateway = await on.gateway({
    REDIS_ENABLED: "true",
    REDIS_URL: `redis+sentinel://127.0.0.1:${silent.port},127.0.0.1:${answering.port}/mymaster`,
  });
  await until("the gateway to be ok", () => isWhole(gateway), 30_000, 20);
});
