import type { EventHandler } from "./handler.ts";
import { joinRoom } from "./join-room.ts";
import { leaveRoom } from "./leave-room.ts";
import { refreshToken } from "./refresh-token.ts";
import { sendMessage } from "./send-message.ts";
import { subscribeCase } from "./subscribe-case.ts";
import { unsubscribeCase } from "./unsubscribe-case.ts";

/** All events that clients are allowed to send, in both namespaces, in the order of docs/protocol.md. */
export const handlers: readonly EventHandler[] = [
  subscribeCase,
  unsubscribeCase,
  joinRoom,
  leaveRoom,
  sendMessage,
  refreshToken,
];
