import { expect, test } from "@jest/globals";
import type { Socket } from "socket.io-client";
import { RoomMembership } from "./room.ts";

const OK = { success: true };
const REFUSED = { success: false, code: "RATE_LIMIT_EXCEEDED", error: "too many events" };

/** A membership, and a connection whose answers the test gives, one for each request. */
function stage(): { membership: RoomMembership; socket: Socket; answers: ((answer: object) => void)[] } {
  const answers: ((answer: object) => void)[] = [];
  const emitWithAck = () => new Promise((resolve) => answers.push(resolve));
  const socket = { connected: true, timeout: () => ({ emitWithAck }) } as unknown as Socket;
  const membership = new RoomMembership("team", { enter: "join_room", leave: "leave_room", payload: {} });
  return { membership, socket, answers };
}

test("may still be a member when a leave is answered while a newer join waits for its answer", async () => {
  const { membership, socket, answers } = stage();
  membership.mayBeMember = true;
  const leaving = membership.leave(socket);
  const joining = membership.join(socket);
  answers[0]!(OK);
  await leaving;
  expect(membership.mayBeMember).toBe(true);
  answers[1]!(OK);
  await joining;
  expect(membership.isMember).toBe(true);
});

test("may still be a member when a leave and then a join are refused", async () => {
  const { membership, socket, answers } = stage();
  membership.mayBeMember = true;
  const leaving = membership.leave(socket);
  answers[0]!(REFUSED);
  await leaving;
  membership.users = 1;
  const joining = membership.join(socket);
  answers[1]!(REFUSED);
  await joining;
  expect(membership.mayBeMember).toBe(true);
});
