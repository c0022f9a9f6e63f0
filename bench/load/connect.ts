import { namespaceOf } from "../rigs/payload.ts";
import { CentrifugoClient } from "./centrifugo-client.ts";
import { LightClient } from "./light-client.ts";

/** Connects one client to a server under test, with the protocol that this kind of server has. */
export function connect(
  { kind, port }: { kind: string; port: number },
  token: string,
  buffer: Buffer,
): Promise<LightClient> {
  return kind.startsWith("centrifugo")
    ? CentrifugoClient.connect({ port, token }, buffer)
    : LightClient.open({ port, namespace: namespaceOf(kind), token }, buffer);
}
