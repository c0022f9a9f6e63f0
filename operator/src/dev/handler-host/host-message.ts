/** What the process of the handlers' file sends to `realtime dev`. */
export type HostMessage =
  | { loaded: string }
  /** The handlers listen on their port. */
  | { ready: true; handled: Handled | undefined };

/** The names that a file handles. They are known only if the file exports handlers, and is not a server of its own. */
export interface Handled {
  events: string[];
  hooks: string[];
}
