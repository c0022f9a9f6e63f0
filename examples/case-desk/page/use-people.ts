import { useRoom } from "@realtime-operator/client/react";
import { useState } from "react";
import { chatRoom, type Said } from "../backend/case.ts";
import type { ChatEvent } from "./use-messages.ts";

interface Membership {
  socketId: string;
  userId: string;
}

/**
 * The other users in a chat. The gateway says who joins and who leaves. To learn who was there before, a page that has
 * joined says hello, and the others answer.
 */
export function usePeople(caseId: string, me: string): readonly string[] {
  const [users, setUsers] = useState<ReadonlyMap<string, string>>(new Map());
  const add = (socketId: string, userId: string): void => setUsers((before) => new Map(before).set(socketId, userId));
  const hello: Said = { kind: "hello" };
  const here: Said = { kind: "here" };
  const room = useRoom(chatRoom(caseId), {
    onGap() {
      setUsers(new Map());
      void room.send(hello);
    },
    on: {
      user_joined: ({ socketId, userId }: Membership) => add(socketId, userId),
      user_left: ({ socketId }: Membership) =>
        setUsers((before) => new Map([...before].filter(([other]) => other !== socketId))),
      message({ from, userId, message }: ChatEvent) {
        if (message.kind === "here") add(from, userId);
        if (message.kind === "hello" && userId !== me) void room.send(here, { volatile: true });
      },
    },
  });
  return [...new Set(users.values())].filter((user) => user !== me).sort();
}
