import { io, type Socket } from "socket.io-client";

export interface ChattyOptions {
  port: number;
  namespace: string;
  room: string;
  token: string;
}

/**
 * A stock client that sends messages to a room and measures the latency of those that it receives. Each message
 * contains the time at which it was sent.
 */
export class ChattyClient {
  /** Milliseconds from sending to receiving, for every received message. */
  readonly heard: number[] = [];
  said = 0;
  readonly #socket: Socket;
  readonly #room: string;

  private constructor({ port, namespace, room, token }: ChattyOptions) {
    this.#room = room;
    this.#socket = io(`http://127.0.0.1:${port}${namespace}`, {
      transports: ["websocket"],
      forceNew: true,
      auth: { token },
    });
    this.#socket.on("message", ({ message }: { message: number }) => void this.heard.push(performance.now() - message));
  }

  /**
   * Connects a client and resolves when it is in the room. After a lost connection, the client joins the room again by
   * itself.
   */
  static async join(options: ChattyOptions): Promise<ChattyClient> {
    const client = new ChattyClient(options);
    const event = options.namespace === "/" ? "enter" : "join_room";
    await new Promise<void>((resolve) =>
      client.#socket.on("connect", () => client.#socket.emit(event, { room: options.room }, () => resolve())),
    );
    return client;
  }

  /**
   * Sends a message, or drops it when the client is not connected. A buffered message would be sent later and count as
   * slow.
   */
  say(atMs: number): void {
    if (!this.#socket.connected) return;
    this.said += 1;
    this.#socket.emit("send_message", { room: this.#room, message: atMs });
  }

  close(): void {
    this.#socket.disconnect();
  }
}
