import type { IncomingMessage, ServerResponse } from "node:http";
import { answererOf, SIGNATURE_HEADER, Unacceptable, type AdapterOptions } from "./answer-request.ts";
import type { App } from "./app.ts";

/**
 * Makes a request listener for Node's http server, and for frameworks that use it, such as Express. Mount it before a
 * parser of JSON bodies, which would read the body first.
 */
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
    // Close the connection if the body was not read to its end. Otherwise Node would take the rest for the next
    // request.
    if (!request.complete) response.setHeader("connection", "close");
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
}

async function bytesOf(request: IncomingMessage & { rawBody?: unknown }, maxBytes: number): Promise<Uint8Array> {
  // The framework has read the body and stored its bytes here: Nest with `rawBody: true`, or Google Cloud Functions.
  if (request.rawBody instanceof Uint8Array) return request.rawBody;
  if (request.readableDidRead)
    throw new Error("the body of the request was read before: mount toNode before the parser of JSON bodies");
  const chunks: Buffer[] = [];
  let length = 0;
  // If the body is too large, stop reading it, but do not close the connection: the answer must still be sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new Unacceptable(413, `the request is larger than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks);
}
