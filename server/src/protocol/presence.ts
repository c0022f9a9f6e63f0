/**
 * A room with at least this many participants gets its count (`presence`) instead of `user_joined` and `user_left`.
 * If all members joined at once, these events would grow quadratically.
 */
export const LARGE_ROOM = 100;

/** The least time between two counts that a gateway sends to one room. */
export const COUNT_EVERY_MS = 1_000;

/** `participantCount` is the number after the change. */
export function isLargeRoom(participantCount: number): boolean {
  return participantCount >= LARGE_ROOM;
}
