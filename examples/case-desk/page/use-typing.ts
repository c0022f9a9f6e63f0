import { useRoom } from "@realtime-operator/client/react";
import { useRef, useState } from "react";
import { chatRoom, type Said } from "../backend/case.ts";
import type { ChatEvent } from "./use-messages.ts";

/** Say it again after this time, while the user types. */
const REPEAT_MS = 2_000;
/** Volatile messages can get lost. So show that a user types until this time after the last one. */
const SHOW_MS = 5_000;

interface Typing {
  /** The other users who type at this moment. */
  typing: readonly string[];
  /** Call it when this user types. */
  sayTyping: () => void;
  /** Call it when this user has sent the text. What the user types after that is said at once. */
  endTyping: () => void;
}

export function useTyping(caseId: string, me: string): Typing {
  const [typing, setTyping] = useState<readonly string[]>([]);
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const lastSaidMs = useRef(-Infinity);
  const remove = (user: string): void => setTyping((before) => before.filter((one) => one !== user));
  const room = useRoom(chatRoom(caseId), {
    on: {
      message({ userId, message }: ChatEvent) {
        if (userId === me) return;
        clearTimeout(timers.current.get(userId));
        if (message.kind === "text") remove(userId);
        if (message.kind !== "typing") return;
        setTyping((before) => (before.includes(userId) ? before : [...before, userId]));
        timers.current.set(
          userId,
          setTimeout(() => remove(userId), SHOW_MS),
        );
      },
    },
  });
  const sayTyping = (): void => {
    if (performance.now() - lastSaidMs.current < REPEAT_MS) return;
    lastSaidMs.current = performance.now();
    const said: Said = { kind: "typing" };
    void room.send(said, { volatile: true });
  };
  const endTyping = (): void => void (lastSaidMs.current = -Infinity);
  return { typing, sayTyping, endTyping };
}
