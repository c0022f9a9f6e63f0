import { beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { AppHandlers } from "../app-handlers/app-handlers.ts";
import { hmacTokens } from "../auth/hmac-tokens.ts";
import { noBus } from "../broadcast/bus/no-bus.ts";
import { parseConfig } from "../config.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { memoryLedger } from "../ledger/memory/memory-ledger.ts";
import { LiveState } from "../live-config/live-state.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Recovery } from "../recovery/recovery.ts";
import { signToken } from "../../../testkit/sign-token.ts";
import { admission, admit, type Candidate } from "./admission.ts";
import { Seating } from "./seating.ts";
import { Connection } from "../connections/connection.ts";
import type { EngineSocket } from "../internals/engine-io.ts";
import type { GatewayDeps } from "../deps.ts";

const secret = "0f4b1c9d8e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b";
let deps: GatewayDeps;
let lastId = 0;

beforeEach(() => {
  const answer = parseConfig({
    JWT_SECRET: secret,
    REDIS_ENABLED: "false",
    WS_MAX_CONNECTIONS_PER_ADDRESS: "1",
    WS_MAX_GLOBAL_CONNECTIONS: "1",
    WS_MAX_CONNECTIONS_PER_USER: "1",
  });
  if ("problems" in answer) throw new Error(answer.problems.join());
  const live = new LiveState(answer.config.live);
  const ledger = memoryLedger({ limits: live.limits, now: Date.now });
  live.onChange(({ limits }) => ledger.setLimits(limits));
  const logger = pino({ level: "silent" });
  deps = {
    config: answer.config,
    live,
    ledger,
    bus: noBus(),
    recovery: {} as Recovery,
    verify: hmacTokens([secret]),
    issuerKeys: { states: () => [], stop: () => undefined },
    appHandlers: { hook: () => undefined } as unknown as AppHandlers,
    logger,
    metrics: {} as Metrics,
    tracing: undefined,
    nowMs: Date.now,
    newId: () => "id",
    random: () => 0.5,
  };
});

/**
 * Guards that find the user at the connection limit: all the user's seats belong to connections that answered a ping.
 */
function guardsOf(those: GatewayDeps): ReturnType<typeof admission> {
  const ghosts = {
    search: (_userId: string, onAlive: (alive: number) => void) => {
      onAlive(those.live.limits.maxConnectionsPerUser);
      return () => undefined;
    },
  };
  return admission(those, new Seating({ ...those, ghosts, wait: async () => undefined }));
}

interface Knock {
  origin?: string;
  namespace?: string;
  token?: string;
  isDraining?: boolean;
  connection?: Connection;
}

function connectionOf(origin?: string): Connection {
  const engine = { id: `engine-${++lastId}`, readyState: "open", request: { headers: { origin } } };
  return new Connection({
    engine: engine as unknown as EngineSocket,
    address: "203.0.113.1",
    openedAtMs: 0,
    onClose: () => undefined,
    onDue: () => undefined,
  });
}

function candidate({
  origin,
  namespace = "/events",
  token,
  isDraining = false,
  connection = connectionOf(origin),
}: Knock): Candidate {
  const socket = { nsp: { name: namespace }, handshake: { auth: { token }, headers: {} } };
  return { connection, socket: socket as unknown as Candidate["socket"], isDraining: () => isDraining };
}

test("refuses for the cheapest reason first when everything is wrong at once", async () => {
  const holder = { socketId: "other", userId: "ada" };
  await deps.ledger.takeSeat(holder);
  await deps.ledger.admitAddress("203.0.113.1");
  const wrong: Knock = { origin: "https://evil.example.com", namespace: "/elsewhere", isDraining: true };
  const fixes: (() => unknown)[] = [
    () => (wrong.isDraining = false),
    () => delete wrong.origin,
    () => deps.live.apply({ generation: 1, limits: { maxConnectionsPerAddress: 1_000 } }),
    () => deps.live.apply({ generation: 2, limits: { maxConnections: 1_000 } }),
    () => delete wrong.namespace,
    async () => (wrong.token = await signToken(secret, { sub: "ada" })),
    () => deps.ledger.releaseSeat(holder),
  ];
  const said: (string | undefined)[] = [];
  for (const step of fixes) {
    said.push((await admit(guardsOf(deps), candidate(wrong)))?.code);
    await step();
  }
  said.push((await admit(guardsOf(deps), candidate(wrong)))?.code);
  expect(said).toEqual([
    "DRAINING",
    "ORIGIN_REFUSED",
    "ADDRESS_LIMIT_EXCEEDED",
    "GLOBAL_LIMIT_EXCEEDED",
    "UNKNOWN_NAMESPACE",
    "UNAUTHENTICATED",
    "CONNECTION_LIMIT_EXCEEDED",
    undefined,
  ]);
});

describe.each([
  { answers: "answers within the turn", of: () => deps },
  { answers: "answers later", of: withLateLedger },
])("one connection in two namespaces, when the ledger $answers", ({ of }) => {
  const both = async () => {
    const token = await signToken(secret, { sub: "ada" });
    const connection = connectionOf();
    const guards = guardsOf(of());
    return Promise.all(
      ["/events", "/messaging"].map(async (namespace) => admit(guards, candidate({ namespace, token, connection }))),
    );
  };

  test("counts once for its address and takes one seat", async () => {
    expect(await both()).toEqual([undefined, undefined]);
    expect(deps.ledger.state().connections).toBe(1);
  });

  test("is refused in both when there is no seat for it", async () => {
    deps.live.apply({ generation: 1, limits: { maxConnections: 9 } });
    await deps.ledger.takeSeat({ socketId: "other", userId: "ada" });
    expect((await both()).map((refusal) => refusal?.code)).toEqual([
      "CONNECTION_LIMIT_EXCEEDED",
      "CONNECTION_LIMIT_EXCEEDED",
    ]);
  });
});

/** A ledger that answers asynchronously, as Redis does. */
function withLateLedger(): GatewayDeps {
  const { ledger } = deps;
  const late: Pick<Ledger, "takeSeat" | "admitAddress"> = {
    takeSeat: async (seat) => ledger.takeSeat(seat),
    admitAddress: async (address) => ledger.admitAddress(address),
  };
  return { ...deps, ledger: { ...ledger, ...late } };
}

test("keeps no seat for a client that left while the ledger was asked", async () => {
  const token = await signToken(secret, { sub: "ada" });
  const connection = connectionOf();
  const admitting = admit(guardsOf(withLateLedger()), candidate({ token, connection }));
  Object.assign(connection.engine, { readyState: "closed" });
  await admitting;
  expect(deps.ledger.state().connections).toBe(0);
});

test("lets a seated connection enter another namespace while the gateway drains", async () => {
  const connection = connectionOf();
  connection.seatedAtMs = 0;
  const token = await signToken(secret, { sub: "ada" });
  expect(await admit(guardsOf(deps), candidate({ token, connection, isDraining: true }))).toBeUndefined();
});
