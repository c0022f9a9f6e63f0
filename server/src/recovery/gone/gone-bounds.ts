/** The most sessions that wait in an outbox, and the most bytes of their texts. The oldest are dropped first. */
export const MOST_GONE = 50_000;
export const MOST_GONE_BYTES = 16_777_216;
/** A session that the application could not be told within this time is dropped. */
export const MOST_GONE_AGE_MS = 3_600_000;
/** The most bytes in one request, unless it has only one session. Many servers refuse bodies from 100 kB. */
export const MOST_GONE_BATCH_BYTES = 65_536;
