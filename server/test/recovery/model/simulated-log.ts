import type { AppendAnswer, LogInfo } from "../../../src/recovery/log-port.ts";
import type { Entry, Message } from "../../../src/recovery/message-ring.ts";

/** An in-memory model of the message log that the Redis scripts keep. */
export class SimulatedLog {
  entries: { s: number; message: Message }[] = [];
  #numbers = new Map<string, number>();
  /** The eras of the log, the newest last. Every Redis process that serves the log begins a new era. */
  #history = [{ era: 0, previous: 0, boundary: 0, at: new Map<string, number>() }];
  #run = 1;
  #eraOfRun = 0;
  #eras = 0;
  isUp = true;

  get last(): number {
    return this.entries.at(-1)?.s ?? 0;
  }

  get era(): number {
    return this.#present.era;
  }

  get #present() {
    return this.#history.at(-1)!;
  }

  /** Simulates a restart or failover of Redis: another process serves the log, without the newest `lost` entries. */
  restart(lost: number): void {
    this.#run += 1;
    this.entries.splice(Math.max(0, this.entries.length - lost));
    if (lost === Infinity) this.#history.splice(1);
    while (this.#present.boundary > this.last) this.#history.pop();
    this.#numbers = new Map();
    for (const { message } of this.entries)
      this.#numbers.set(message.origin, Math.max(this.#numbers.get(message.origin) ?? 0, message.number));
  }

  attach(): LogInfo {
    if (this.#eraOfRun !== this.#run) {
      this.#eraOfRun = this.#run;
      this.#eras += 1;
      const { era: previous } = this.#present;
      this.#history.push({ era: this.#eras, previous, boundary: this.last, at: new Map(this.#numbers) });
    }
    return {
      ...this.#present,
      first: this.entries[0]?.s ?? this.last + 1,
      last: this.last,
      numbers: new Map(this.#numbers),
    };
  }

  read(era: number, from: number): { s: number; message: Message }[] | undefined {
    if (era !== this.era) return undefined;
    return this.entries.filter(({ s }) => s >= from).slice(0, 20);
  }

  append(entry: Entry, jump: boolean): AppendAnswer & { s?: number } {
    const last = this.#numbers.get(entry.origin) ?? 0;
    if (entry.number <= last) return { kind: "stored" };
    if (entry.number !== last + 1 && !jump) return { kind: "gap", last };
    const s = this.last + 1;
    this.#numbers.set(entry.origin, entry.number);
    const { origin, number, namespace, rooms, except, text, atMs } = entry;
    this.entries.push({ s, message: { origin, number, namespace, rooms, except, text, atMs } });
    return { kind: "stored", s };
  }
}
