import { signToken } from "../../../testkit/sign-token.ts";
import type { ClientOptions, TestClient } from "../../../testkit/gateway/gateway-client.ts";
import { JWT_SECRET } from "../../../testkit/gateway/gateway-settings.ts";
import { until } from "../../../testkit/until.ts";

/** What a stock client remembers of its session, to return to it. */
export interface Held {
  pid: string;
  offset: string | undefined;
}

/** The pid and the offset that this client would send when it returns to its session. */
export function held({ socket }: TestClient): Held {
  const { _pid: pid, _lastOffset: offset } = socket as unknown as { _pid: string; _lastOffset: string | undefined };
  return { pid, offset };
}

/** Closes the client's connection like a network failure, and waits until the gateway has noticed. */
export async function cut(client: TestClient, { gateway }: { gateway: { io: { engine: unknown } } }): Promise<void> {
  const engine = gateway.io.engine as { clientsCount: number };
  const before = engine.clientsCount;
  (client.socket.io.engine as unknown as { transport: { ws: { close(): void } } }).transport.ws.close();
  await until("the cut to be noticed", async () => engine.clientsCount < before, 5_000, 5);
}

/** Options for a client that returns to the session of another client, with its pid and offset. */
export async function returning(what: Held, settings: ClientOptions = {}): Promise<ClientOptions> {
  const { user = "ada", rooms = ["*"], lifetimeSeconds, jti } = settings;
  const claims = {
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    ...(jti === undefined ? {} : { jti }),
  };
  const token =
    settings.token === undefined ? await signToken(JWT_SECRET, { sub: user, rooms, ...claims }) : settings.token;
  const auth = token === null ? { ...what } : { token, ...what };
  return { ...settings, user, options: { ...settings.options, auth } };
}

/** The payload of the newest event `connected` that the client received. */
export function connectedOf(client: TestClient): Record<string, unknown> {
  return client.all("connected").at(-1)!;
}
