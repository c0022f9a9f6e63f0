import { answererOf, SIGNATURE_HEADER, Unacceptable, type AdapterOptions } from "./answer-request.ts";
import type { App } from "./app.ts";

/** Makes a request handler for servers that use the Fetch API: Hono, Next, Workers, Deno and Bun. */
export function toFetch(app: App, options: AdapterOptions): (request: Request) => Promise<Response> {
  const answerer = answererOf(app, options);
  return async (request) => {
    const signature = request.headers.get(SIGNATURE_HEADER);
    const { status, headers, body } = await answerer.reply(request.method, signature, () =>
      bytesOf(request, answerer.maxBodyBytes),
    );
    return new Response(body, { status, headers });
  };
}

async function bytesOf({ body }: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length <= maxBytes) continue;
    await reader?.cancel();
    throw new Unacceptable(413, `the request is larger than ${maxBytes} bytes`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
