import { unwatchFile, watchFile } from "node:fs";
import { actions, serveActions, type Action } from "./control-socket.ts";
import type { DevCluster } from "./dev-cluster.ts";

export interface Inputs {
  cluster: DevCluster;
  /** The folder `.realtime`, for the socket of other terminals' actions. */
  folder: string;
  /** The file with the cluster. */
  file: string;
  /** Applies the file. Returns what has happened. */
  reload: () => Promise<string>;
}

const FILE_POLL_MS = 200;

/**
 * What the user asks of a running `realtime dev`: by a key, by a command in another terminal, or by saving the file. It
 * runs one thing after the other, because a second rollout would fail while the first is running.
 */
export class UserInput {
  readonly #write: (text: string) => void;
  #last: Promise<unknown> = Promise.resolve();
  #closing: (() => unknown)[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  listen({ cluster, folder, file, reload }: Inputs): void {
    const act = (action: Action): Promise<string> => this.#inTurn(() => perform(cluster, action));
    const onSave = (): void => this.say(reload);
    // Many editors replace the file when they save it. watchFile() polls the path, so it also notices a new file.
    watchFile(file, { interval: FILE_POLL_MS }, onSave);
    const control = serveActions(folder, act, ({ message }) =>
      this.#write(`"realtime dev ACTION" does not work here, keys do: ${message}. Use a folder with a shorter path.\n`),
    );
    const stopKeys = onKeys((key) => {
      const action = (Object.keys(actions) as Action[]).find((one) => actions[one].key === key);
      if (action !== undefined) this.say(() => perform(cluster, action));
      if (key === "q" || key === "\u0003") process.kill(process.pid, "SIGINT");
    });
    this.#closing = [() => unwatchFile(file, onSave), () => control.close(), stopKeys];
  }

  /** Does the work in its turn, and prints its answer. */
  say(work: () => Promise<string>): void {
    void this.#inTurn(work).then(
      (text) => this.#write(`${text}\n`),
      (error: unknown) => this.#write(`the action failed: ${error instanceof Error ? error.message : String(error)}\n`),
    );
  }

  stop(): void {
    for (const close of this.#closing) close();
  }

  #inTurn(work: () => Promise<string>): Promise<string> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

function perform(cluster: DevCluster, action: Action): Promise<string> {
  switch (action) {
    case "roll":
      return cluster.roll();
    case "kill":
      return cluster.killOne();
    case "scale-up":
      return cluster.scaleUp();
    case "scale-down":
      return cluster.scaleDown();
    case "redis":
      return cluster.toggleRedis();
    case "rebalance":
      return cluster.rebalance();
  }
}

/** Calls the listener for each key pressed in the terminal. Does nothing without a terminal. */
function onKeys(listener: (key: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const onData = (data: Buffer): void => listener(data.toString());
  stdin.setRawMode(true).on("data", onData).resume();
  return () => void stdin.setRawMode(false).off("data", onData).pause();
}
