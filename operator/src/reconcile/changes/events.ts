import type { Condition, Status } from "../../api/realtime-cluster.ts";
import type { SpecEdit } from "./spec-edit.ts";

export interface EventText {
  isBad: boolean;
  reason: string;
  note: string;
  /** Events of one pass get different times, so that kubectl shows them in their order. */
  afterMs?: number;
}

/**
 * The conditions whose changes become events, with the status that is bad. Events of all other conditions would repeat
 * these.
 */
const badStatus: Readonly<Record<string, "True" | "False">> = {
  Progressing: "True",
  Draining: "True",
  Degraded: "True",
  ConfigurationAccepted: "False",
  ConfigurationWarning: "True",
  LimitsExact: "False",
  IssuersReady: "False",
  HandlersReady: "False",
  RedisReady: "False",
  UpToDate: "False",
  ReconciliationPaused: "True",
  Rebalancing: "True",
  Ready: "False",
};
/** A new cluster is never ready at first, so its first pass does not report these. */
export const waitsAtFirst: ReadonlySet<string> = new Set(["Ready", "RedisReady", "Progressing"]);
/**
 * Reasons that are normal for some time, for example while pods start. Their events have type Normal. If the problem
 * lasts, Degraded reports it.
 */
const passingReasons: ReadonlySet<string> = new Set([
  "Creating",
  "RollingOut",
  "Scaling",
  "Draining",
  "GatewaysNotReady",
  "RedisRollingOut",
  "UpgradePending",
  "MovingConnections",
]);

/** Verdicts that another condition's event reports already, for example Progressing for Ready during a rollout. */
function isRepeated({ type, status, reason }: Condition): boolean {
  if (type === "Ready") return status === "False" && passingReasons.has(reason);
  return type === "Progressing" && ["Stopped", "Stalled"].includes(reason);
}

/**
 * The conditions that become events: those that have changed, in the order in which a person tells them, with Ready as
 * the end. The first pass reports only bad ones.
 */
export function eventsOf(before: Status | undefined, after: Status): Condition[] {
  const order = Object.keys(badStatus);
  const ordered = (after.conditions ?? []).toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  return ordered.filter((condition) => {
    const { type, status } = condition;
    const bad = badStatus[type];
    if (isRepeated(condition)) return false;
    const was = before?.conditions?.find((condition) => condition.type === type)?.status;
    if (bad === undefined || status === was || status === "Unknown") return false;
    // A condition whose first known status is good causes no event. One that becomes good again does.
    if (was === "Unknown" && status !== bad) return false;
    if (was === undefined) return status === bad && !waitsAtFirst.has(type);
    return true;
  });
}

export function isBad({ type, status, reason }: Condition): boolean {
  return badStatus[type] === status && !passingReasons.has(reason);
}

export function eventText(condition: Condition, { drain }: Status): EventText {
  const { type, status, reason, message } = condition;
  const moving = type === "Draining" && drain !== undefined ? `: ${drain.connectionsLeft} to move` : "";
  return { isBad: isBad(condition), reason, note: `${type}=${status}: ${message}${moving}` };
}

export function specChanged({ generation, fields = [], by }: SpecEdit): EventText {
  const writer = by === undefined ? "" : `, by ${by}`;
  return { isBad: false, reason: "SpecChanged", note: `generation ${generation}: ${fields.join(", ")}${writer}` };
}
