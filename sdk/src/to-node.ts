import type { IncomingMessage, ServerResponse } from "node:http";
import { answererOf, SIGNATURE_HEADER, Unacceptable, type AdapterOptions } from "./answer-request.ts";
import type { App } from "./app.ts";

/** A listener for Node's http server, and for servers that build on it. Mount it before a parser of JSON bodies. */
export function toNode(
  app: App,
  options: AdapterOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const answerer = answererOf(app, options);
  return async (request, response) => {
    const signature = request.headers[SIGNATURE_HEADER];
    const { status, headers, body } = await answerer.reply(request.method, signature?.toString(), () =>
      bytesOf(request, answerer.maxBodyBytes),
    );
    // The rest of a body that was not read must not be treated as the next request.
    if (!request.complete) response.setHeader("connection", "close");
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
}

async function bytesOf(request: IncomingMessage & { rawBody?: unknown }, maxBytes: number): Promise<Uint8Array> {
  // Some frameworks keep the bytes here: Nest with `rawBody: true`, Google Cloud Functions.
  if (request.rawBody instanceof Uint8Array) return request.rawBody;
  if (request.readableDidRead)
    throw new Error("the body of the request was read before: mount toNode before the parser of JSON bodies");
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not end the connection, which carries the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new Unacceptable(413, `the request is larger than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks);
}
