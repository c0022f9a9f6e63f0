// An HTTP service that counts how often the handler has run each order. It runs in a pod, so it cannot import other
// files of this repository.
import { createServer } from "node:http";

const runs: Record<string, number> = {};

createServer(({ method, url = "/" }, response) => {
  const item = url.slice(1);
  if (method === "POST") runs[item] = (runs[item] ?? 0) + 1;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(runs));
}).listen(8080);
