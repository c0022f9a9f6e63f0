import { autoscalingActive } from "./autoscaling-active.ts";
import { available } from "./available.ts";
import { configurationAccepted } from "./configuration-accepted.ts";
import { configurationWarning } from "./configuration-warning.ts";
import { degraded } from "./degraded.ts";
import { draining } from "./draining.ts";
import { exposureReady } from "./exposure-ready.ts";
import { limitsApplied } from "./limits-applied.ts";
import { monitoringReady } from "./monitoring-ready.ts";
import { progressing } from "./progressing.ts";
import { ready } from "./ready.ts";
import { reconciliationPaused } from "./reconciliation-paused.ts";
import { redisReady } from "./redis-ready.ts";
import { upToDate } from "./up-to-date.ts";
import type { Judge } from "./verdict.ts";

/** Every condition of a cluster, in the order of `kubectl describe`; all of them are there from the first visit on. */
export const judges = {
  Ready: ready,
  Available: available,
  Progressing: progressing,
  Degraded: degraded,
  ConfigurationAccepted: configurationAccepted,
  ConfigurationWarning: configurationWarning,
  LimitsApplied: limitsApplied,
  RedisReady: redisReady,
  ExposureReady: exposureReady,
  MonitoringReady: monitoringReady,
  AutoscalingActive: autoscalingActive,
  Draining: draining,
  UpToDate: upToDate,
  ReconciliationPaused: reconciliationPaused,
} as const satisfies Record<string, Judge>;

export type ConditionType = keyof typeof judges;
