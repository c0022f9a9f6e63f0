/**
 * Up at once, down slowly: a pod that goes moves its connections, so one pod (or a tenth of them) every five minutes,
 * and only when ten minutes in a row asked for it.
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
