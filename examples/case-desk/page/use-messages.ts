import { useRealtime, useRoom } from "@realtime-operator/client/react";
import { useRef, useState } from "react";
import { chatRoom, messageId, type ChatMessage, type Said } from "../backend/case.ts";
import { fetchMessages } from "./backend.ts";

/** The payload of the event message. */
export interface ChatEvent {
  /** The socket of the sender. */
  from: string;
  userId: string;
  message: Said;
  timestamp: string;
}

export interface ShownMessage extends ChatMessage {
  /** WAITING: the gateway has not accepted the message yet. Another text: why it was not sent. */
  problem?: string;
}

interface Messages {
  messages: readonly ShownMessage[];
  isLoading: boolean;
  send: (text: string) => void;
  /** Sends a message again that was not sent. */
  retry: (message: ShownMessage) => void;
}

export const WAITING = "sending";
/** A message waits this long for a connection. */
const SEND_TIMEOUT_MS = 300_000;

/** The messages of a chat: the history that the back end has stored, and then the live ones. */
export function useMessages(caseId: string, me: string): Messages {
  const client = useRealtime();
  const [messages, setMessages] = useState<readonly ShownMessage[]>([]);
  const [isLoading, setIsLoading] = useState(true);
  const loadedIds = useRef<ReadonlySet<string>>(new Set());
  useRoom(chatRoom(caseId), {
    follow: {
      async load(signal) {
        setIsLoading(true);
        const history = await fetchMessages(caseId, signal);
        const ids = new Set(history.map(({ id }) => id));
        loadedIds.current = ids;
        setMessages((before) => [...history, ...before.filter((one) => "problem" in one && !ids.has(one.id))]);
        setIsLoading(false);
      },
      apply(event, payload) {
        if (event !== "message") return;
        const message = textIn(payload as ChatEvent);
        // The back end stores a message before it is sent, so the history may have it already.
        if (message === undefined || loadedIds.current.has(message.id)) return;
        setMessages((before) => [...withoutUnsent(before, message.id), message]);
      },
    },
  });

  async function send(text: string): Promise<void> {
    const id = crypto.randomUUID();
    const unsent = { id: messageId(me, id), by: me, text, at: new Date().toISOString(), problem: WAITING };
    setMessages((before) => [...before, unsent]);
    // This handle belongs to the message. So it is sent even if the user opens another case in the meantime.
    const room = client.room(chatRoom(caseId));
    const said: Said = { kind: "text", id, text };
    const result = await room.send(said, { timeoutMs: SEND_TIMEOUT_MS });
    room.release();
    if (result.ok) return;
    const failed = { ...unsent, problem: `${result.code}: ${result.message}` };
    setMessages((before) => before.map((one) => (one === unsent ? failed : one)));
  }

  return {
    ...{ messages, isLoading },
    send: (text) => void send(text),
    retry(message) {
      setMessages((before) => withoutUnsent(before, message.id));
      void send(message.text);
    },
  };
}

function withoutUnsent(messages: readonly ShownMessage[], id: string): ShownMessage[] {
  return messages.filter((one) => !("problem" in one) || one.id !== id);
}

function textIn({ userId, message, timestamp }: ChatEvent): ChatMessage | undefined {
  if (message.kind !== "text") return undefined;
  return { id: messageId(userId, message.id), by: userId, text: message.text, at: timestamp };
}
