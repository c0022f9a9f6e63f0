// What the back end and the page send to each other.

export type CaseStatus = "open" | "waiting" | "solved";

export interface Case {
  id: string;
  title: string;
  customer: string;
  /** The oldest entry first. The last one has the present status. */
  log: LogEntry[];
}

export interface LogEntry {
  /** 1 for the first entry of a case, and one more for each further entry. */
  version: number;
  at: string;
  status: CaseStatus;
  text: string;
}

/** The payload of the event case:updated, which the back end publishes to the room of the case. */
export interface CaseUpdate {
  caseId: string;
  entry: LogEntry;
}

export interface ChatMessage {
  /** Unique. It is the same in the history and in the live event. */
  id: string;
  by: string;
  text: string;
  at: string;
}

/**
 * What a page sends to the room of a chat. hello: a page has joined and asks who else is there. here: the answer. A
 * page chooses a random id for each text.
 */
export type Said =
  { kind: "text"; id: string; text: string } | { kind: "typing" } | { kind: "hello" } | { kind: "here" };

/** The room of a case's chat. The room of its updates is `case:ID`. */
export function chatRoom(caseId: string): string {
  return `chat:${caseId}`;
}

/** Only the user in it is verified, so it is a part of the id. */
export function messageId(user: string, id: string): string {
  return `${user}/${id}`;
}
