// The back end of the case desk. It has three parts: an API for the page, a hook that the gateways ask before they send
// a message of a chat, and updates of cases that it publishes.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { HandlerError, handlers, toNode } from "@realtime-operator/handlers";
import { SignJWT } from "jose";
import * as z from "zod";
import { messageId, type CaseStatus } from "./case.ts";
import { Publisher } from "./publisher.ts";
import { Store } from "./store.ts";

const {
  PORT = "8787",
  HANDLER_SECRET = "",
  JWT_SECRET = "",
  REALTIME_PUBLISH_URL = "",
  REALTIME_PUBLISH_TOKEN = "",
  UPDATE_SECONDS = "6",
} = process.env;

const store = new Store();
const publisher = new Publisher(REALTIME_PUBLISH_URL, REALTIME_PUBLISH_TOKEN);

const updateSchema = z.object({ status: z.enum(["open", "waiting", "solved"]), text: z.string().min(1).max(500) });
const saidSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), id: z.string().min(1).max(64), text: z.string().min(1).max(2_000) }),
  z.object({ kind: z.enum(["typing", "hello", "here"]) }),
]);

const app = handlers({
  // A message is stored before it is sent. So a page that joins the room and then loads the history misses none.
  publish(context, { room, message }) {
    const caseId = room.replace(/^chat:/, "");
    if (caseId === room || store.case(caseId) === undefined)
      throw new HandlerError("FORBIDDEN", `${room} is not the chat of a case`);
    const said = saidSchema.safeParse(message);
    if (!said.success) throw new HandlerError("INVALID_INPUT", z.prettifyError(said.error));
    if (said.data.kind !== "text") return;
    const { id, text } = said.data;
    const by = context.user;
    store.addMessage(caseId, { id: messageId(by, id), by, text, at: new Date().toISOString() });
  },
});
const answerHook = toNode(app, { secret: HANDLER_SECRET });

/** Stores the update first, and then publishes it. */
function update(caseId: string, status: CaseStatus, text: string): void {
  publisher.publish({ caseId, entry: store.addEntry(caseId, status, text) });
}

/** This example lets everybody choose a name. An application checks here who the user is. */
function tokenFor(user: string): Promise<string> {
  return new SignJWT({ rooms: ["case:*", "chat:*"] })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(JWT_SECRET));
}

/** The answer to a request of the page. Undefined when there is no such thing. */
async function answer(request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/api/token") return { token: await tokenFor(searchParams.get("user") ?? "nobody") };
  if (pathname === "/api/cases") return store.cases;
  const [, id, part] = /^\/api\/cases\/(\w+)(\/\w+)?$/.exec(pathname) ?? [];
  const one = store.case(id ?? "");
  if (one === undefined || part === undefined) return one;
  if (part === "/messages") return store.messages(one.id);
  if (part !== "/updates" || request.method !== "POST") return undefined;
  const { status, text } = updateSchema.parse(await json(request));
  update(one.id, status, text);
  return {};
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/realtime") return answerHook(request, response);
  try {
    const found = await answer(request);
    response.setHeader("content-type", "application/json");
    response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found ?? { error: "not found" }));
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}

createServer((request, response) => void serve(request, response)).listen(Number(PORT));

// News from outside, as from a carrier or a payment provider. 0 turns them off.
const NEWS = [
  "The carrier scanned the parcel",
  "The customer wrote an e-mail",
  "The payment provider confirmed a refund",
];
let turn = 0;
if (Number(UPDATE_SECONDS) > 0)
  setInterval(
    () => {
      const one = store.cases[turn % store.cases.length]!;
      update(one.id, one.log.at(-1)!.status, NEWS[turn % NEWS.length]!);
      turn += 1;
    },
    Number(UPDATE_SECONDS) * 1_000,
  );
