import { signToken } from "../../testkit/sign-token.ts";
import { until } from "../../testkit/until.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import type { stage } from "../../server/test/support/stage.ts";
import { realtime, type Realtime, type RealtimeOptions } from "../src/realtime.ts";

export type ClientOf = (gateway: Pick<TestGateway, "publicPort">, options?: RealtimeOptions, user?: string) => Realtime;

/** Returns a function that connects clients and closes them after the test. The default user is "ada". */
export function clientsOn(on: ReturnType<typeof stage>): ClientOf {
  return ({ publicPort }, options = {}, user = "ada") => {
    const client = realtime(`http://127.0.0.1:${publicPort}`, {
      token: () => signToken(JWT_SECRET, { sub: user, rooms: ["*"] }),
      ...options,
      socketOptions: { forceNew: true, reconnectionDelay: 10, ...options.socketOptions },
    });
    on.defer(() => client.close());
    client.connect();
    return client;
  };
}

export function eventually(what: string, ask: () => boolean): Promise<boolean> {
  return until(what, async () => ask(), 30_000, 5);
}
