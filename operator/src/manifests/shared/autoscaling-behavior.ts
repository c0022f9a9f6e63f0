/**
 * Adds pods at once and removes them slowly, because a removed pod must move its connections. A pod is removed only
 * after ten minutes below the target. Then one pod, or a tenth of the pods if that is more, is removed in five minutes.
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

/** The gateways' metric for open client connections. */
export const connectionsMetric = "realtime_connections";
