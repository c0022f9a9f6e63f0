import { setTimeout as sleep } from "node:timers/promises";
import type { CaseUpdate } from "./case.ts";

const RETRY_MS = 500;

/** Publishes the updates of cases, one after the other. */
export class Publisher {
  readonly #url: string;
  readonly #token: string;
  #last: Promise<void> = Promise.resolve();

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  publish(update: CaseUpdate): void {
    this.#last = this.#last.then(() => this.#send(update));
  }

  /**
   * Repeats the request until a gateway has accepted it: a gateway may crash before it answers, or Redis may be down.
   * The idempotency key prevents that the event is published twice.
   */
  async #send(update: CaseUpdate): Promise<void> {
    const { caseId, entry } = update;
    const idempotencyKey = `case-${caseId}-${entry.version}`;
    const body = JSON.stringify({
      namespace: "/messaging",
      caseId,
      event: "case:updated",
      data: update,
      idempotencyKey,
    });
    const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/json" };
    for (let last = ""; ; await sleep(RETRY_MS)) {
      const problem = await fetch(this.#url, { method: "POST", headers, body }).then(problemOf, String);
      if (problem === undefined) return;
      if (problem !== last) process.stderr.write(`cannot publish ${idempotencyKey} yet: ${problem}\n`);
      last = problem;
    }
  }
}

async function problemOf(response: Response): Promise<string | undefined> {
  const text = await response.text();
  return response.ok ? undefined : text;
}
