import type { Caller, Command, HandlerRequest } from "./messages.ts";

/** More commands make an answer that the gateway does not accept. */
const MAX_COMMANDS = 100;

export interface Publication<Sent, E extends keyof Sent & string> {
  room: string;
  event: E;
  data?: Sent[E];
  /** The client that this handler answers does not get the event. */
  exceptSender?: boolean;
  /** Members that cannot take the event at once do not get it. For cursors and typing. */
  volatile?: boolean;
}

/**
 * The client that sent an event, and commands for it. The gateway applies the commands in their order, when the handler
 * has returned or has thrown a HandlerError.
 */
export interface Context<Sent = Record<string, unknown>> extends Caller {
  /** Unique for each event. A repeated request has the same one. */
  readonly id: string;
  /** The name of the cluster, for handlers that serve several. */
  readonly cluster: string;
  /** The name of the event. Empty in a hook. */
  readonly event: string;
  /** Whether the client asked for an ack. */
  readonly wantsAck: boolean;
  /** Puts the client into a room, also one that its token does not list. */
  join: (room: string) => void;
  leave: (room: string) => void;
  /** Sends an event to this client. */
  emit: <E extends keyof Sent & string>(event: E, data?: Sent[E]) => void;
  /** Sends an event to a room, in the whole cluster. */
  publish: <E extends keyof Sent & string>(publication: Publication<Sent, E>) => void;
  /** Ends the connection after the ack. `reconnect: true`: a stock client returns by itself. */
  disconnect: (manner?: { reconnect: boolean }) => void;
}

/** The context of a request, and the list into which its methods write. */
export function contextOf(request: HandlerRequest): { context: Context; commands: Command[] } {
  const commands: Command[] = [];
  const add = (command: Command): void => {
    if (commands.length >= MAX_COMMANDS)
      throw new RangeError(`a handler may give at most ${MAX_COMMANDS} commands: publish to a room instead`);
    commands.push(command);
  };
  const { id, cluster, event = "", ack = false, user = "", rooms = [], claims = {} } = request;
  const { sessionId = "", socketId = "", namespace = "", headers = {} } = request;
  const context: Context = {
    ...{ id, cluster, event, wantsAck: ack, user, rooms, claims, sessionId, socketId, namespace, headers },
    join: (room) => add({ join: room }),
    leave: (room) => add({ leave: room }),
    emit: (name, data) => add({ emit: data === undefined ? [name] : [name, data] }),
    publish: ({ room, event: name, data, exceptSender, volatile }) =>
      add({
        publish: {
          ...{ room, event: name },
          ...(data === undefined ? {} : { data }),
          ...(exceptSender === undefined ? {} : { exceptSender }),
          ...(volatile === undefined ? {} : { volatile }),
        },
      }),
    disconnect: ({ reconnect } = { reconnect: false }) => add({ disconnect: { reconnect } }),
  };
  return { context, commands };
}
