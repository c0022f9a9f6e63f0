import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import type { LightClient } from "./light-client.ts";
import { payload } from "../rigs/payload.ts";

export interface Sending {
  /** The room of each client's messages. The clients must be in it. */
  roomOf: (client: number) => string;
  bytes: number;
  perSecond: number;
  messages: number;
  /** Messages that Redis has not stored are an error, unless this is a warm-up. */
  warmUp?: boolean;
}

/** How long the gateway may take for the acks after the last message. */
const LAST_ACK_MS = 120_000;

/**
 * Lets clients in turn send messages at a fixed rate, each with an ack. Resolves when the gateway has acknowledged all
 * of them as stored. A late message is sent at once, and does not delay the schedule of later ones.
 */
export async function sendSteadily(clients: LightClient[], sending: Sending): Promise<void> {
  const { roomOf, bytes, perSecond, messages, warmUp = false } = sending;
  let acknowledged = 0;
  let refusal: string | undefined;
  for (const client of clients)
    client.readTexts((text) => {
      // "43" is an ack: 4 is Engine.IO's type of a message, and 3 is Socket.IO's type of an ack.
      if (text[0] !== 0x34 || text[1] !== 0x33) return;
      if (text.includes(warmUp ? '"success":true' : '"stored":true')) acknowledged += 1;
      else refusal ??= text.toString();
    });
  const startMs = performance.now();
  for (let sent = 0; sent < messages && refusal === undefined;) {
    const due = Math.min(messages, Math.floor(((performance.now() - startMs) / 1_000) * perSecond) + 1);
    for (; sent < due; sent += 1) {
      const index = sent % clients.length;
      const event = ["send_message", { room: roomOf(index), message: payload(bytes, sent) }];
      clients[index]!.send(`42/messaging,${sent % 1_000}${JSON.stringify(event)}`);
    }
    const waitMs = startMs + (sent / perSecond) * 1_000 - performance.now();
    // A timer can be a millisecond late, and messages that gather in this time would be sent together.
    await (waitMs > 3 ? pause(waitMs - 2) : turn());
  }
  for (const endMs = performance.now() + LAST_ACK_MS; acknowledged < messages && refusal === undefined; await pause(10))
    if (performance.now() > endMs) throw new Error(`only ${acknowledged} of ${messages} messages were acknowledged`);
  if (refusal !== undefined) throw new Error(`a message was not stored: ${refusal}`);
  for (const client of clients) client.ignoreTexts();
}
