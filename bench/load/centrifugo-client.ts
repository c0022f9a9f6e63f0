import { FrameReader } from "./frame-reader.ts";
import { LightClient } from "./light-client.ts";

const PATH = "/connection/websocket";
const NEWLINE = "\n".charCodeAt(0);
/** An empty object is a ping, and also the answer to it. */
const PING = "{}";
const CONNECTED = Buffer.from('{"id":1,"connect":{');
const REPLY = Buffer.from('{"id":');
const ERROR = Buffer.from('"error":');
const PUSH = Buffer.from('{"push":{');
const PUBLICATION = Buffer.from('"pub":');

/**
 * A client of Centrifugo's JSON protocol. Each frame has one or more lines, and each line is a command of the client, a
 * reply with the number of the command, or a push.
 */
export class CentrifugoClient extends LightClient {
  /** Upgrades to WebSocket and connects with a token. If the server refuses, rejects with its reply. */
  static connect({ port, token }: { port: number; token: string }, buffer: Buffer): Promise<CentrifugoClient> {
    return new Promise((resolve, reject) => {
      const client: CentrifugoClient = new CentrifugoClient(port, buffer, () => client.upgrade(PATH));
      client.reader = new FrameReader(
        (text) => {
          if (!startsWith(text, CONNECTED)) throw unexpected(text);
          client.ignoreTexts();
          resolve(client);
        },
        "before upgrade",
        () => client.send(JSON.stringify({ id: 1, connect: { token } })),
      );
      client.onClose = (error) => reject(error ?? new Error("Centrifugo closed the connection"));
    });
  }

  /** Subscribes to the channels. Resolves when Centrifugo has confirmed all of them. */
  subscribe(channels: readonly string[]): Promise<void> {
    const commands = channels.map((channel, index) => JSON.stringify({ id: index + 2, subscribe: { channel } }));
    let confirmed = 0;
    return new Promise((resolve, reject) => {
      this.onClose = (error) => reject(error ?? new Error("Centrifugo closed the connection"));
      this.readTexts((reply) => {
        if (!startsWith(reply, REPLY)) return;
        confirmed += 1;
        if (confirmed < channels.length) return;
        this.ignoreTexts();
        resolve();
      });
      this.send(commands.join("\n"));
    });
  }

  /** From now on, answers pings and calls `onText` with every other line. An unexpected line ends the connection. */
  override readTexts(onText: (text: Buffer) => void): void {
    super.readTexts((text) => {
      for (let start = 0; start < text.length;) {
        const newline = text.indexOf(NEWLINE, start);
        const end = newline < 0 ? text.length : newline;
        this.#readLine(text.subarray(start, end), onText);
        start = end + 1;
      }
    });
  }

  #readLine(line: Buffer, onText: (text: Buffer) => void): void {
    if (line.length === PING.length) return this.send(PING);
    const isReply = startsWith(line, REPLY) && !line.includes(ERROR);
    const isPublication = startsWith(line, PUSH) && line.includes(PUBLICATION);
    if (!isReply && !isPublication) throw unexpected(line);
    onText(line);
  }
}

function startsWith(text: Buffer, prefix: Buffer): boolean {
  return text.length >= prefix.length && text.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}

function unexpected(text: Buffer): Error {
  return new Error(`Centrifugo sent an unexpected message: ${text.toString("utf8", 0, 200)}`);
}
