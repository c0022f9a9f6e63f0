import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/**
 * Actions for a running `realtime dev`. A user starts one by pressing a key, or by `realtime dev ACTION` in another
 * terminal.
 */
export const actions = {
  roll: { key: "r", does: "replace the gateways one after the other" },
  kill: { key: "k", does: "kill -9 one gateway" },
  "scale-up": { key: "s", does: "add a gateway" },
  "scale-down": { key: "S", does: "remove a gateway" },
  redis: { key: "x", does: "stop Redis, or start it again" },
  rebalance: { key: "b", does: "spread the connections evenly" },
} as const;
export type Action = keyof typeof actions;

export function isAction(word: string): word is Action {
  return Object.hasOwn(actions, word);
}

const socketOf = (folder: string): string => join(folder, "control.sock");

/**
 * Serves actions on a socket in `.realtime`. Each connection sends one action and gets one answer. `onError` is called
 * when the socket cannot be opened, for example because its path is too long.
 */
export function serveActions(
  folder: string,
  act: (action: Action) => Promise<string>,
  onError: (error: Error) => void,
): Server {
  rmSync(socketOf(folder), { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    void text(socket)
      .then((word) => (isAction(word) ? act(word) : `there is no action ${JSON.stringify(word)}`))
      .catch((error: unknown) => `the action failed: ${error instanceof Error ? error.message : String(error)}`)
      .then((answer) => socket.end(`${answer}\n`));
  });
  server.on("error", onError);
  server.listen(socketOf(folder));
  return server;
}

/** Sends an action to the `realtime dev` that runs in this folder. Throws when none is running. */
export async function askForAction(folder: string, action: Action): Promise<string> {
  const socket = connect(socketOf(folder));
  const answer = text(socket);
  socket.end(action);
  try {
    return await answer;
  } catch (error) {
    throw new Error(`no realtime dev runs in this folder: start one with "realtime dev -f FILE"`, { cause: error });
  }
}
