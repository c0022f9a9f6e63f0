import { ConnectionError } from "../errors.ts";

/**
 * Parses each line of a stream as JSON, and yields the values. Throws a ConnectionError when a line is longer than
 * maxBytes or is not JSON.
 */
export async function* jsonLines(stream: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<unknown, void, void> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const take = (end: Buffer): string => {
    const line = Buffer.concat([...pending, end])
      .toString("utf8")
      .trim();
    pending = [];
    pendingBytes = 0;
    return line;
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let newline = chunk.indexOf(10); newline !== -1; newline = chunk.indexOf(10, from)) {
      const line = take(chunk.subarray(from, newline));
      if (line !== "") yield parse(line);
      from = newline + 1;
    }
    if (from === chunk.length) continue;
    pending.push(chunk.subarray(from));
    pendingBytes += chunk.length - from;
    if (pendingBytes > maxBytes) throw new ConnectionError(`a line of more than ${maxBytes} bytes`);
  }
  const rest = take(Buffer.alloc(0));
  if (rest !== "") yield parse(rest);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ConnectionError("a line that is not JSON", { cause });
  }
}
