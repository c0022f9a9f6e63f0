import { unwatchFile, watchFile } from "node:fs";
import { relative } from "node:path";
import type { Handled } from "../handler-host/host-message.ts";
import { startHandlers, type HandlerProcess } from "./handler-process.ts";

export interface LocalHandlersDeps {
  /** The file of `--handlers`. */
  file: string;
  directory: string;
  env: Readonly<Record<string, string | undefined>>;
  secret: string;
  write: (text: string) => void;
  /** Called when another process has replaced the earlier one. Resolves when the earlier one has no requests left. */
  onReplaced: () => Promise<void>;
}

const FILE_POLL_MS = 200;
const RESTART_MS = 1_000;

/**
 * The process of `--handlers`. When its file, or a file that it imports, is saved, another process takes over. When the
 * saved file cannot be loaded, the earlier process continues.
 */
export class LocalHandlers {
  readonly #deps: LocalHandlersDeps;
  readonly #watched = new Set<string>();
  #current: HandlerProcess | undefined;
  #replacing: Promise<void> = Promise.resolve();
  #isQueued = false;
  #isStopped = false;

  constructor(deps: LocalHandlersDeps) {
    this.#deps = deps;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#current?.port ?? 0}/`;
  }

  /** Undefined when the file is a server of its own. */
  get handled(): Handled | undefined {
    return this.#current?.handled;
  }

  /** Throws with the file's mistake when it cannot be loaded. */
  async start(): Promise<void> {
    this.#current = await this.#started();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const file of this.#watched) unwatchFile(file, this.#onSave);
    await this.#replacing;
    await this.#current?.stop();
  }

  async #started(): Promise<HandlerProcess> {
    const { file, directory, env, secret, write } = this.#deps;
    this.#watch(file);
    const onLoaded = (loaded: string): void => this.#watch(loaded);
    const onLine = (line: string): void => write(`handlers: ${line}\n`);
    const process = await startHandlers({ file, directory, env, secret, onLoaded, onLine });
    if (this.#isStopped) await process.stop();
    void process.ended.then(() => this.#onEnd(process));
    return process;
  }

  #watch(file: string): void {
    if (this.#watched.has(file) || this.#isStopped) return;
    this.#watched.add(file);
    watchFile(file, { interval: FILE_POLL_MS }, this.#onSave);
  }

  #onSave = (): void => {
    // An editor may save several files at once. One restart is enough for all of them.
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#replacing = this.#replacing.then(() => this.#replace());
  };

  async #replace(): Promise<void> {
    this.#isQueued = false;
    if (this.#isStopped) return;
    const { directory, file, write, onReplaced } = this.#deps;
    const name = relative(directory, file);
    const earlier = this.#current;
    try {
      this.#current = await this.#started();
      await onReplaced();
      write(`${name}: the new version answers now; no gateway was restarted\n`);
      await earlier?.stop();
    } catch (error) {
      const state = earlier === undefined ? "no version runs" : "the earlier version still answers";
      write(`${error instanceof Error ? error.message : String(error)}\n${name}: ${state}\n`);
    }
  }

  /** Starts the file again after a crash. When it crashes at its start, waits for the next save. */
  #onEnd(ended: HandlerProcess): void {
    if (this.#isStopped || this.#current !== ended) return;
    this.#current = undefined;
    this.#deps.write(`handlers: the process has ended; it is started again\n`);
    setTimeout(this.#onSave, RESTART_MS).unref();
  }
}
