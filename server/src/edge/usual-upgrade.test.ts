import { createServer, type IncomingMessage } from "node:http";
import { duplexPair, type Duplex } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { usualUpgrade } from "./usual-upgrade.ts";

const LINE = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1";
const KEY = "MDEyMzQ1Njc4OWFiY2RlZg==";
const plain = [
  "Host: chat.example.com",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${KEY}`,
];
const written = (lines: readonly string[], line = LINE): string => `${[line, ...lines].join("\r\n")}\r\n\r\n`;
const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");
const without = (name: string): string[] => plain.filter((line) => !line.startsWith(`${name}:`));

const firefox = [
  ...[
    "Host: chat.example.com",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Accept: */*",
    "Accept-Language: en-US,en;q=0.5",
  ],
  ...[
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Sec-WebSocket-Version: 13",
    "Origin: https://app.example.com",
    "Sec-WebSocket-Extensions: permessage-deflate",
  ],
  ...[
    `Sec-WebSocket-Key: ${KEY}`,
    "Connection: keep-alive, Upgrade",
    "Cookie: a=b; c=d",
    "Sec-Fetch-Mode: websocket",
    "Pragma: no-cache",
    "Upgrade: websocket",
  ],
];
const proxied = [
  ...plain,
  "X-Forwarded-For: 203.0.113.7, 10.0.0.1",
  "X-Forwarded-Proto: https",
  "X-Real-Ip: 203.0.113.7",
  "Authorization: Bearer a.b.c",
];

describe("is read", () => {
  const cases: Record<string, { lines: string[]; want: Record<string, string> }> = {
    "as a stock client of Node writes it": { lines: plain, want: {} },
    "as Firefox writes it": {
      lines: firefox,
      want: { connection: "keep-alive, Upgrade", origin: "https://app.example.com" },
    },
    "as a proxy passes it on": {
      lines: proxied,
      want: { "x-forwarded-for": "203.0.113.7, 10.0.0.1", authorization: "Bearer a.b.c" },
    },
    "with names and values in other letters": {
      lines: [...without("Upgrade"), "UPGRADE: WebSocket"],
      want: { upgrade: "WebSocket" },
    },
  };
  test.each(Object.entries(cases))("%s", (_sentence, { lines, want }) => {
    expect(usualUpgrade(bytesOf(written(lines)))?.headers).toMatchObject({ "sec-websocket-key": KEY, ...want });
  });
});

describe("is left to Node's parser", () => {
  const cases: Record<string, string> = {
    "another path": written(plain, LINE.replace("/socket.io/", "/")),
    "a session's upgrade": written(plain, LINE.replace("websocket ", "websocket&sid=abc ")),
    "an absolute address": written(plain, LINE.replace("/socket.io/", "http://chat.example.com/socket.io/")),
    "another method": written(plain, LINE.replace("GET", "POST")),
    "HTTP/1.0": written(plain, LINE.replace("1.1", "1.0")),
    "two spaces in the request line": written(plain, LINE.replace("GET ", "GET  ")),
    "an empty line in front": `\r\n${written(plain)}`,
    "a request that is not whole": written(plain).slice(0, -1),
    "a byte behind it": `${written(plain)}x`,
    "a second request behind it": written(plain) + written(plain),
    "lines that end in LF": written(plain).replaceAll("\r\n", "\n"),
    "one line that ends in LF": written(plain).replace("Upgrade: websocket\r\n", "Upgrade: websocket\n"),
    "a lone CR in a value": written([...plain, "Cookie: a\rTransfer-Encoding: chunked"]),
    "a NUL in a value": written([...plain, "Cookie: a\0b"]),
    "a byte beyond ASCII": written([...plain, "Cookie: ü"]),
    "a tab": written([...plain, "Cookie:\ta"]),
    "a space before the colon": written([...without("Upgrade"), "Upgrade : websocket"]),
    "no space behind the colon": written([...without("Upgrade"), "Upgrade:websocket"]),
    "a space behind the value": written([...without("Upgrade"), "Upgrade: websocket "]),
    "an empty value": written([...plain, "Cookie: "]),
    "a line that goes on": written([...plain, "Cookie: a", " b: c"]),
    "a name with a character that names do not have": written([...plain, "Co(kie: a"]),
    "a body of a length": written([...plain, "Content-Length: 0"]),
    "a body in chunks": written([...plain, "Transfer-Encoding: chunked"]),
    "an expectation": written([...plain, "Expect: 100-continue"]),
    "a subprotocol": written([...plain, "Sec-WebSocket-Protocol: chat"]),
    "an older spelling of Connection": written([...plain, "Proxy-Connection: close"]),
    "two hosts": written([...plain, "Host: other.example.com"]),
    "two origins": written([...plain, "Origin: https://a.example.com", "Origin: https://b.example.com"]),
    "two lists of proxies": written([...plain, "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 10.0.0.1"]),
    "the same key twice": written([...plain, plain[4]!]),
    "a connection that shall close": written([...without("Connection"), "Connection: close, Upgrade"]),
    "an upgrade to something else": written([...without("Upgrade"), "Upgrade: h2c"]),
    "another version of WebSocket": written([...without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 8"]),
    "a key that is none": written([...without("Sec-WebSocket-Key"), "Sec-WebSocket-Key: short=="]),
    "no host": written(without("Host")),
    "no key": written(without("Sec-WebSocket-Key")),
    "no headers": `${LINE}\r\n\r\n`,
    "more than 8 KiB": written([...plain, `Cookie: ${"x".repeat(8_192)}`]),
    nothing: "",
  };
  test.each(Object.entries(cases))("%s", (_sentence, text) => {
    expect(usualUpgrade(bytesOf(text))).toBeUndefined();
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      "\r\n",
      "\n",
      "\r",
      "\0",
      " ",
      "\t",
      ":",
      ",",
      ": ",
      "\r\n\r\n",
      "\r\n ",
      "x",
      "ü",
      "\x7f",
      "Host: b\r\n",
      "Upgrade: websocket\r\n",
      "Connection: close\r\n",
    ],
  ),
  fc.constantFrom(
    ...[
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n",
      "Origin: null\r\n",
      "X-Forwarded-For: 10.0.0.9\r\n",
      "__proto__: x\r\n",
      "Cookie: a=b\r\n",
      "Expect: x\r\n",
    ],
  ),
  fc.string({ minLength: 1, maxLength: 3, unit: "binary" }),
);
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(3),
  piece: fc.oneof({ weight: 4, arbitrary: piece }, { weight: 1, arbitrary: fc.constant("") }),
  atLine: fc.boolean(),
});
const request = fc
  .tuple(
    fc.constantFrom(plain, firefox, proxied).chain((lines) => fc.shuffledSubarray(lines, { minLength: lines.length })),
    fc.array(edit, { maxLength: 3 }),
  )
  .map(([lines, edits]) =>
    edits.reduce((text, { at, cut, piece: added, atLine }) => {
      const place = Math.floor(at * text.length);
      const line = text.indexOf("\n", place) + 1;
      return atLine && line > 0
        ? text.slice(0, line) + added + text.slice(line)
        : text.slice(0, place) + added + text.slice(place + cut);
    }, written(lines)),
  );

test("every request that is read here is an upgrade for Node's parser too, with the same headers and nothing after it", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(request, async (text) => {
      const bytes = bytesOf(text);
      const ours = usualUpgrade(bytes);
      if (ours === undefined) return;
      read += 1;
      const node = await asNodeReadsIt(bytes);
      expect(node).toMatchObject({
        method: "GET",
        url: "/socket.io/?EIO=4&transport=websocket",
        httpVersion: "1.1",
        headers: ours.headers,
        behind: 0,
      });
      for (const name of ["origin", "authorization", "x-forwarded-for"])
        expect((node.headers as Record<string, string>)[name]).toBe((ours.headers as Record<string, string>)[name]);
    }),
    { numRuns: 3_000, seed: 20_261_125 },
  );
  expect(read).toBeGreaterThan(500);
});

/** The upgrade request as Node's own HTTP server reads it. Rejects if the bytes are no upgrade request. */
async function asNodeReadsIt(bytes: Buffer): Promise<Record<string, unknown>> {
  const server = createServer();
  const [client, wire] = duplexPair();
  const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
    server.on("upgrade", ({ method, url, httpVersion, headers }: IncomingMessage, _wire: Duplex, head: Buffer) =>
      resolve({ method, url, httpVersion, headers: { ...headers }, behind: head.length }),
    );
    server.on("request", () => reject(new Error("an ordinary request")));
    server.on("clientError", reject);
  });
  server.emit("connection", wire);
  client.end(bytes);
  try {
    return await answer;
  } finally {
    client.destroy();
    wire.destroy();
  }
}
