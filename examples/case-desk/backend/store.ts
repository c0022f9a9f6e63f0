import type { Case, CaseStatus, ChatMessage, LogEntry } from "./case.ts";

const FIRST_CASES = [
  ["1001", "Parcel has not arrived", "Noor Haddad"],
  ["1002", "Invoice shows the wrong address", "Tomás Silva"],
  ["1003", "Cannot sign in after the update", "Mei Tanaka"],
  ["1004", "Refund for a returned lamp", "Jonas Berg"],
] as const;

/** The cases and chats, in memory. An application has a database here. */
export class Store {
  readonly #cases = new Map<string, Case>();
  readonly #messages = new Map<string, Map<string, ChatMessage>>();

  constructor() {
    for (const [id, title, customer] of FIRST_CASES) {
      this.#cases.set(id, { id, title, customer, log: [] });
      this.#messages.set(id, new Map());
      this.addEntry(id, "open", `${customer} opened the case`);
    }
  }

  get cases(): Case[] {
    return [...this.#cases.values()];
  }

  case(id: string): Case | undefined {
    return this.#cases.get(id);
  }

  addEntry(caseId: string, status: CaseStatus, text: string): LogEntry {
    const { log } = this.#cases.get(caseId)!;
    const entry = { version: log.length + 1, at: new Date().toISOString(), status, text };
    log.push(entry);
    return entry;
  }

  messages(caseId: string): ChatMessage[] {
    return [...(this.#messages.get(caseId)?.values() ?? [])];
  }

  /** Stores a message once: the gateway asks again when a client repeats a message. */
  addMessage(caseId: string, message: ChatMessage): void {
    const messages = this.#messages.get(caseId)!;
    if (!messages.has(message.id)) messages.set(message.id, message);
  }
}
