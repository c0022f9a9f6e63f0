/**
 * Scales up at once and down slowly, because a removed pod moves its connections: one pod, or a tenth of them, per five
 * minutes, after ten minutes below the target.
 */
export const autoscalingBehavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Percent", value: 100, periodSeconds: 60 },
      { type: "Pods", value: 4, periodSeconds: 60 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 600,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 1, periodSeconds: 300 },
      { type: "Percent", value: 10, periodSeconds: 300 },
    ],
  },
} as const;

/** The gateway's gauge of open client connections. */
export const connectionsMetric = "realtime_connections";
