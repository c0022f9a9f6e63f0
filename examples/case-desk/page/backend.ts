// The requests of the page to the back end.
import type { Case, CaseStatus, ChatMessage } from "../backend/case.ts";

const RETRY_MS = 1_000;

/** The client repeats a failed connection, and fetches another token then. So this does not repeat the request. */
export async function fetchToken(user: string): Promise<string> {
  const response = await fetch(`/api/token?user=${encodeURIComponent(user)}`);
  if (!response.ok) throw new Error(`no token: ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

export const fetchCases = (signal: AbortSignal): Promise<Case[]> => load("/api/cases", signal);

export const fetchCase = (caseId: string, signal: AbortSignal): Promise<Case> => load(`/api/cases/${caseId}`, signal);

export const fetchMessages = (caseId: string, signal: AbortSignal): Promise<ChatMessage[]> =>
  load(`/api/cases/${caseId}/messages`, signal);

export async function postUpdate(caseId: string, status: CaseStatus, text: string): Promise<void> {
  const response = await fetch(`/api/cases/${caseId}/updates`, {
    method: "POST",
    body: JSON.stringify({ status, text }),
  });
  if (!response.ok) throw new Error(`the back end refused it: ${response.status}`);
}

/** Repeats the request until it succeeds, because `follow` calls `load` again only after the next gap. */
async function load<T>(path: string, signal: AbortSignal): Promise<T> {
  for (;;) {
    const response = await fetch(path, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (response?.ok === true) return (await response.json()) as T;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
