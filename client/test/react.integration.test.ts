// Tests the React hooks with real React and a real gateway.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Window } from "happy-dom";
import { createElement, StrictMode, Suspense, use, useState, type ReactNode } from "react";
import type { Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { callApi } from "../../testkit/gateway/gateway-api.ts";
import type { TestGateway } from "../../server/test/support/gateway.ts";
import { stage } from "../../server/test/support/stage.ts";
import { signToken } from "../../testkit/sign-token.ts";
import { JWT_SECRET } from "../../testkit/gateway/gateway-settings.ts";
import { realtime, type Realtime } from "../src/realtime.ts";
import { RealtimeProvider, useCase, useEvent, useRoom, useStatus, type RoomSender } from "../src/react.ts";
import { eventually } from "./support.ts";

const on = stage();
const page = new Window();
// react-dom needs these two globals. They stay until the process ends, because React works on after a test.
beforeAll(() => void Object.assign(globalThis, { window: page, document: page.document }));
afterAll(() => page.happyDOM.close());

function clientOf({ publicPort }: Pick<TestGateway, "publicPort">): Realtime {
  const token = (): Promise<string> => signToken(JWT_SECRET, { sub: "ada", rooms: ["*"] });
  const client = realtime(`http://127.0.0.1:${publicPort}`, { token, socketOptions: { forceNew: true } });
  on.defer(() => client.close());
  return client;
}

/** Shows the components on a page of their own. */
async function shown(client: Realtime, children: ReactNode) {
  const { createRoot } = await import("react-dom/client");
  const element = page.document.createElement("div");
  const root: Root = createRoot(element);
  on.defer(() => root.unmount());
  const show = (next: ReactNode): void =>
    root.render(createElement(StrictMode, {}, createElement(RealtimeProvider, { client }, next)));
  show(children);
  return { show, text: () => element.textContent, unmount: () => root.unmount() };
}

function Messages({ room, said = "" }: { room: string; said?: string }): ReactNode {
  const [messages, setMessages] = useState<string[]>([]);
  const add = ({ message }: { message: string }): void => setMessages((before) => [...before, message]);
  useRoom(room, { on: { message: add } });
  return `${said}[${messages.join(",")}]`;
}
const Banner = (): ReactNode => useStatus().state;
const messages = (room: string): ReactNode => createElement(Messages, { room });
const say = (gateway: TestGateway, message: string) =>
  callApi(gateway, "/api/publish", {
    body: { namespace: "/messaging", room: "team-7", event: "message", data: { room: "team-7", message } },
  });
const joined = (client: Realtime) => client.room("team-7").membership;

test("two components with one room share one connection and one join when they are in StrictMode", async () => {
  const gateway = await on.gateway();
  const client = clientOf(gateway);
  const joins: string[] = [];
  client.socket.onAnyOutgoing((event: string) => joins.push(event));
  const view = await shown(client, [
    createElement(Messages, { key: 1, room: "team-7" }),
    createElement(Messages, { key: 2, room: "team-7" }),
  ]);
  await eventually("the room to be joined", () => joined(client).isMember);
  await say(gateway, "hello");
  await eventually("both to show it", () => view.text() === "[hello][hello]");
  expect(joins).toEqual(["join_room"]);
  expect(gateway.gateway.connections.size).toBe(1);
});

test("a component shows the status when it changes", async () => {
  const gateway = await on.gateway();
  const client = clientOf(gateway);
  const view = await shown(client, createElement(Banner));
  await eventually("the status", () => view.text() === "live");
  for (const { engine } of gateway.gateway.connections.values()) engine.close(true);
  await eventually("the lost connection", () => view.text() === "reconnecting");
  await eventually("the new connection", () => view.text() === "live");
});

test("a component keeps its room when it renders again or is replaced by another with the same room", async () => {
  const gateway = await on.gateway();
  const client = clientOf(gateway);
  const sent: string[] = [];
  client.socket.onAnyOutgoing((event: string) => sent.push(event));
  const view = await shown(client, messages("team-7"));
  await eventually("the room to be joined", () => joined(client).isMember);
  view.show(createElement(Messages, { key: "another", room: "team-7", said: "new" }));
  await eventually("the other component", () => view.text() === "new[]");
  await say(gateway, "hello");
  await eventually("the message", () => view.text() === "new[hello]");
  expect(sent).toEqual(["join_room"]);
});

test("a component that suspends first joins its room when it is shown, and only then", async () => {
  const gateway = await on.gateway();
  const client = clientOf(gateway);
  const data = Promise.withResolvers<string>();
  const sent: string[] = [];
  client.socket.onAnyOutgoing((event: string) => sent.push(event));
  const Suspending = (): ReactNode => {
    useRoom("team-7");
    return use(data.promise);
  };
  const view = await shown(client, createElement(Suspense, { fallback: "loading" }, createElement(Suspending)));
  await eventually("the client to be live", () => client.status.state === "live");
  expect([view.text(), sent]).toEqual(["loading", []]);
  data.resolve("loaded");
  await eventually("the component", () => view.text() === "loaded");
  await eventually("the join", () => sent.length > 0);
  expect(sent).toEqual(["join_room"]);
});

test("a component sends, follows a case, hears events of other rooms, and calls the newest function", async () => {
  const gateway = await on.gateway();
  const client = clientOf(gateway);
  const seen: unknown[] = [];
  let room: RoomSender | undefined;
  let gaps = 0;
  const Desk = ({ render }: { render: number }): ReactNode => {
    room = useRoom("team-7", { on: { message: ({ message }: { message: string }) => seen.push([render, message]) } });
    useCase("42", {
      on: { "case:updated": ({ state }: { state: string }) => seen.push(state) },
      onGap: () => void (gaps += 1),
    });
    useEvent<{ state: string }>("case:updated", ({ state }) => seen.push(`any ${state}`));
    return String(render);
  };
  const view = await shown(client, createElement(Desk, { render: 1 }));
  view.show(createElement(Desk, { render: 2 }));
  await eventually("the second render", () => view.text() === "2");
  await eventually("the case to be followed", () => gaps === 1);
  expect(await room!.send("hello")).toMatchObject({ ok: true });
  const data = { caseId: "42", state: "open" };
  await callApi(gateway, "/api/publish", {
    body: { namespace: "/messaging", room: "case:42", event: "case:updated", data },
  });
  await eventually("all events", () => seen.length === 3);
  expect(seen).toEqual(expect.arrayContaining([[2, "hello"], "open", "any open"]));
  view.unmount();
  expect(await room!.send("late")).toMatchObject({ ok: false, code: "CLOSED" });
});

test("a component that follows a room gets the events that arrive during its load after this load", async () => {
  const gateway = await on.gateway();
  const client = clientOf(gateway);
  const loaded = Promise.withResolvers<string[]>();
  const signals: AbortSignal[] = [];
  const Following = (): ReactNode => {
    const [lines, setLines] = useState<string[]>([]);
    useRoom("team-7", {
      follow: {
        load: async (signal) => {
          signals.push(signal);
          setLines(await loaded.promise);
        },
        apply: (_event, payload) => setLines((before) => [...before, (payload as { message: string }).message]),
      },
    });
    return `[${lines.join(",")}]`;
  };
  const view = await shown(client, createElement(Following));
  await eventually("the load", () => signals.length === 1);
  await say(gateway, "during");
  const heard = Promise.withResolvers<void>();
  client.on("message", () => heard.resolve());
  await say(gateway, "later");
  await heard.promise;
  expect(view.text()).toBe("[]");
  loaded.resolve(["before"]);
  await eventually("all lines", () => view.text() === "[before,during,later]");
  view.unmount();
  await eventually("the signal", () => signals[0]!.aborted);
});

test("a server renders the components without connecting", () => {
  const client = clientOf({ publicPort: 1 });
  const html = renderToString(
    createElement(RealtimeProvider, { client }, [
      createElement(Banner, { key: 1 }),
      createElement(Messages, { key: 2, room: "team-7" }),
    ]),
  );
  expect(html).toContain("idle");
  expect(client.status).toEqual({ state: "idle" });
});

test("a hook outside of a provider says what is missing", () => {
  expect(() => renderToString(createElement(Banner))).toThrow("put the component into a RealtimeProvider");
});
