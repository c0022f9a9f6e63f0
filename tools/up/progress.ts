/** Prints one line when a step begins, with the time that it usually takes, and one line when it ends. */
export class Progress {
  readonly #startedMs: number;
  readonly #now: () => number;
  readonly #print: (line: string) => void;

  constructor(now: () => number, print: (line: string) => void) {
    this.#now = now;
    this.#print = print;
    this.#startedMs = now();
  }

  async step<T>(title: string, usually: string, work: () => Promise<T>): Promise<T> {
    const began = this.#now();
    this.#print(`${this.#elapsed()}  ${title}  (usually ${usually})`);
    const result = await work();
    this.#print(`${this.#elapsed()}  done in ${((this.#now() - began) / 1000).toFixed(1)} s`);
    return result;
  }

  note(line: string): void {
    this.#print(`${this.#elapsed()}  ${line}`);
  }

  #elapsed(): string {
    return `${((this.#now() - this.#startedMs) / 1000).toFixed(0).padStart(4)} s`;
  }
}
