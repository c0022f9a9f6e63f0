import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from "react";
import type { Follower, Realtime, Refusal, Room, SendOptions, SendResult, Status } from "./realtime.ts";

export interface RealtimeProviderProps {
  /** Make it outside of React components, so that there is one for the whole page. The provider does not close it. */
  client: Realtime;
  children?: ReactNode;
}

/** What a component does with the events of a room. The functions may be new ones at every render. */
export interface RoomListeners {
  /** For each event, the function that gets its payload. */
  on?: Record<string, (payload: never) => void>;
  /** As `room.onGap`: load what you show again. */
  onGap?: () => void;
  /** As `room.follow`, with these two functions. */
  follow?: Follower;
  onRefused?: (refusal: Refusal) => void;
}

export interface RoomSender {
  /** As `room.send`. It is the same function at every render. */
  send(message: unknown, options?: SendOptions): Promise<SendResult>;
}

const ClientContext = createContext<Realtime | undefined>(undefined);
/** The status on the server, where components are only rendered. */
const SERVER_STATUS: Status = { state: "idle" };

/** Gives the client to the components in it, and connects it when the page shows them. */
export function RealtimeProvider({ client, children }: RealtimeProviderProps): ReactElement {
  useEffect(() => {
    if (client.status.state === "idle") client.connect();
  }, [client]);
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** The client of the provider. */
export function useRealtime(): Realtime {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("put the component into a RealtimeProvider");
  return client;
}

/** The status of the client. The component renders again when it changes. */
export function useStatus(): Status {
  const client = useRealtime();
  const subscribe = useMemo(() => (changed: () => void) => client.onStatus(changed), [client]);
  const statusOf = (): Status => client.status;
  return useSyncExternalStore(subscribe, statusOf, () => SERVER_STATUS);
}

/** Listens to an event of any room, as `client.on`. */
export function useEvent<Payload = unknown>(event: string, listener: (payload: Payload) => void): void {
  const client = useRealtime();
  const latest = useLatest(listener);
  useEffect(() => client.on(event, (payload) => latest.current(payload as Payload)), [client, event, latest]);
}

/** Keeps the client in the room while the component is shown. */
export function useRoom(name: string, listeners: RoomListeners = {}): RoomSender {
  const client = useRealtime();
  const open = useMemo(() => () => client.room(name), [client, name]);
  return useHandle(open, listeners);
}

/** Keeps the client in the room of a case while the component is shown. */
export function useCase(caseId: string, listeners: RoomListeners = {}): RoomSender {
  const client = useRealtime();
  const open = useMemo(() => () => client.case(caseId), [client, caseId]);
  return useHandle(open, listeners);
}

/**
 * React may start and end effects again at any time, for example in StrictMode. The client stays in the room then,
 * because it leaves it only some time after the last release.
 */
function useHandle(open: () => Room, listeners: RoomListeners): RoomSender {
  const latest = useLatest(listeners);
  const handle = useRef<Room>(undefined);
  useEffect(() => {
    const room = open();
    handle.current = room;
    const off = room.membership.events.add(({ event, payload }) => latest.current.on?.[event]?.(payload as never));
    room.onGap(() => latest.current.onGap?.());
    room.follow({
      load: async (signal) => latest.current.follow?.load(signal),
      apply: (event, payload) => latest.current.follow?.apply(event, payload),
    });
    room.onRefused((refusal) => latest.current.onRefused?.(refusal));
    return () => {
      handle.current = undefined;
      off();
      room.release();
    };
  }, [open, latest]);
  return useMemo(() => ({ send: (message, options) => handle.current?.send(message, options) ?? CLOSED }), []);
}

const CLOSED: Promise<SendResult> = Promise.resolve({
  ok: false,
  code: "CLOSED",
  message: "the component of the room is not shown",
});

/** The newest value, for functions that are called after the render. */
function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
