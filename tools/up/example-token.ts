import { EXAMPLE } from "../../testkit/cluster/example.ts";
import { secretValue } from "../../testkit/cluster/jwt-secret.ts";
import type { UpState } from "../../testkit/cluster/up-state.ts";
import { signToken } from "../../testkit/sign-token.ts";

const lifetimeSeconds = 24 * 3600;

/**
 * Signs a token for the minimal example that runs on the cluster of `make up`. `rooms` are names and * patterns. It is
 * valid for a day.
 */
export async function exampleToken(
  state: UpState,
  { sub, rooms }: { sub: string; rooms: readonly string[] },
): Promise<string> {
  const secret = await secretValue(state, EXAMPLE.namespace, EXAMPLE.secret, "secret");
  return signToken(secret, { sub, rooms, lifetimeSeconds });
}
