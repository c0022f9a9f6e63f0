/** Maximum number of ended sessions in an outbox, and maximum size of their texts. The oldest are dropped first. */
export const MOST_GONE = 50_000;
export const MOST_GONE_BYTES = 16_777_216;
/** An ended session is dropped if the application could not be told within this time. */
export const MOST_GONE_AGE_MS = 3_600_000;
/**
 * Maximum size of one request to the application, unless it contains only one session. Many servers refuse bodies of
 * 100 kB or more.
 */
export const MOST_GONE_BATCH_BYTES = 65_536;
