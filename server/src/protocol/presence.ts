/**
 * In a room with at least this many participants, members get the number of participants (`presence`) instead of
 * `user_joined` and `user_left`. If all members of such a room joined at once, the number of these events would be the
 * square of the number of members.
 */
export const LARGE_ROOM = 100;

/** Minimum time between two counts that a gateway sends to one room. */
export const COUNT_EVERY_MS = 1_000;

/** Whether a room is large. `participantCount` is the number of participants after the change. */
export function isLargeRoom(participantCount: number): boolean {
  return participantCount >= LARGE_ROOM;
}
