import type { BadSpec } from "./bad-exposure-specs.ts";

/** Specs with invalid fields for moving connections, and the whole message with which the API server refuses each. */
export const badMoveSpecs: readonly BadSpec[] = [
  {
    when: "a maximum age in which clients could only reconnect",
    spec: { maxConnectionAgeSeconds: 30 },
    want: "spec.maxConnectionAgeSeconds: Invalid value: 30: spec.maxConnectionAgeSeconds must be 0 (connections stay) or from 60 to 2592000: give a time such as 3600",
  },
];
