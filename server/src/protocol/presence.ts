/**
 * From this many participants on, comings and goings of a room are not told one by one (`user_joined`, `user_left`),
 * which would be the square of its members in messages when all of them come at once, but as a count (`presence`).
 */
export const LARGE_ROOM = 100;

/** A gateway sends a room's count no more often than this. */
export const COUNT_EVERY_MS = 1_000;

/** Decided by the participants after the change. */
export function isLargeRoom(participantCount: number): boolean {
  return participantCount >= LARGE_ROOM;
}
