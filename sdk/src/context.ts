import type { Caller, Command, HandlerRequest } from "./messages.ts";

/** The gateway accepts at most this many commands in one answer. */
const MAX_COMMANDS = 100;

export interface Publication<Sent, E extends keyof Sent & string> {
  room: string;
  event: E;
  data?: Sent[E];
  /** If true, the client whose event is being handled does not get this event. */
  exceptSender?: boolean;
  /** If true, members that cannot receive the event at once do not get it. For cursors and typing. */
  volatile?: boolean;
}

/**
 * The client that sent an event, and commands to the gateway about it. The gateway runs the commands in their order
 * after the handler has returned, and also after it has thrown a HandlerError.
 */
export interface Context<Sent = Record<string, unknown>> extends Caller {
  /** A unique id of the event. When the gateway repeats a request, the id stays the same. */
  readonly id: string;
  /** The name of the RealtimeCluster, for handlers that serve several clusters. */
  readonly cluster: string;
  /** The name of the event. Empty in a hook. */
  readonly event: string;
  /** Whether the client asked for an ack. */
  readonly wantsAck: boolean;
  /** Lets the client join a room, even if its token does not list the room. */
  join: (room: string) => void;
  leave: (room: string) => void;
  /** Sends an event to this client. */
  emit: <E extends keyof Sent & string>(event: E, data?: Sent[E]) => void;
  /** Sends an event to all members of a room, on all gateways. */
  publish: <E extends keyof Sent & string>(publication: Publication<Sent, E>) => void;
  /** Disconnects the client after the ack. With `reconnect: true`, a stock client reconnects by itself. */
  disconnect: (manner?: { reconnect: boolean }) => void;
}

/** Makes the context for a request, and the list that its methods add commands to. */
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
