// The case desk with real gateways, a real Redis, its back end, and pages in Chromium.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { startChromium } from "../../../testkit/chromium.ts";
import { until } from "../../../testkit/until.ts";
import { axeViolations } from "./axe.ts";
import { DeskPage, startDesk, type Desk } from "./desk.ts";

// The programs start in seconds, and take much longer while other tests use the processors.
jest.setTimeout(180_000);

let desk: Desk;
let browser: Browser;
let ada: DeskPage;
let bo: DeskPage;
beforeAll(async () => {
  desk = await startDesk();
  browser = await startChromium();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await desk?.stop();
});
beforeEach(async () => {
  ada = await DeskPage.open(browser, desk, "ada");
  bo = await DeskPage.open(browser, desk, "bo");
  for (const [one, other] of [
    [ada, "bo"],
    [bo, "ada"],
  ] as const)
    await eventually(`${other} to be shown`, async () => (await one.people()).includes(other));
});
afterEach(async () => {
  for (const one of [ada, bo]) {
    one.expectNoProblems();
    await one.page.context().close();
  }
});

function eventually(what: string, ask: () => Promise<boolean>): Promise<boolean> {
  return until(what, ask, 60_000, 50);
}

/** The part of the texts that begins with this prefix. A test uses a prefix of its own, because the back end stays. */
const only = (texts: readonly string[], prefix: string): string[] => texts.filter((text) => text.startsWith(prefix));

test("two pages on two gateways show each other's messages, presence, typing and updates", async () => {
  await ada.say("hello from ada");
  await bo.say("hello from bo");
  await desk.update("1001", "the parcel was found");
  await desk.update("1002", "the invoice was corrected");
  for (const one of [ada, bo]) {
    await eventually("both messages", async () => only(await one.messages(), "hello").length === 2);
    await eventually("the update", async () => (await one.updates()).at(-1) === "the parcel was found");
    await eventually("the update of a case in the list", async () =>
      (await one.texts("nav .last")).includes("the invoice was corrected"),
    );
  }
  await ada.page.locator("[aria-label=Message]").press("I");
  await bo.page.locator(".hint", { hasText: "ada is typing" }).waitFor();
  await bo.picture("live");
  expect(await ada.people()).toEqual(["you", "bo"]);
  await bo.page.locator("nav a", { hasText: "Invoice" }).press("Enter");
  await bo.page.locator("h2", { hasText: "Invoice" }).waitFor();
  await eventually("bo to have left", async () => (await ada.people()).join() === "you");
});

describe("while both users write and the back end publishes, nothing is missing or doubled", () => {
  test.each([
    { when: "the gateways are replaced one after the other", actions: ["roll"], away: 0 },
    { when: "a gateway is killed", actions: ["kill"], away: 1 },
    { when: "Redis is stopped and started again", actions: ["redis", "redis"], away: 0 },
  ])("when $when", async ({ actions, away }) => {
    const prefix = actions.join("-");
    const loads = [ada.loads, bo.loads];
    for (const one of [ada, bo]) await one.banners();
    const sent: string[] = [];
    const published: string[] = [];
    const sendOneOfEach = async (): Promise<void> => {
      const number = published.length;
      await ada.say(`${prefix} ada ${number}`);
      await bo.say(`${prefix} bo ${number}`);
      sent.push(`${prefix} ada ${number}`, `${prefix} bo ${number}`);
      await desk.update("1001", `${prefix} update ${number}`);
      published.push(`${prefix} update ${number}`);
    };
    for (const action of actions) {
      await sendOneOfEach();
      let isOver = false;
      const acting = desk.act(action).finally(() => (isOver = true));
      do await sendOneOfEach();
      while (!isOver);
      await acting;
    }
    await sendOneOfEach();
    for (const one of [ada, bo]) {
      await eventually("all messages", async () => only(await one.messages(), prefix).length >= sent.length);
      await eventually("all updates", async () => only(await one.updates(), prefix).length >= published.length);
      expect(only(await one.messages(), prefix).sort()).toEqual([...sent].sort());
      expect(only(await one.updates(), prefix)).toEqual(published);
    }
    const banners = await Promise.all([ada.banners(), bo.banners()]);
    // A page that was disconnected says so, and then that it has missed nothing. The pages load no history again.
    const wasAway = [
      expect.stringContaining("Reconnecting"),
      expect.stringMatching(/You have missed nothing|caught up/),
    ];
    expect(banners.filter((texts) => texts.length > 0)).toEqual(Array.from({ length: away }, () => wasAway));
    expect([ada.loads, bo.loads]).toEqual(loads);
  });
});

test("a page that was offline catches up with what it has missed, and sends what its user has written", async () => {
  await ada.page.context().setOffline(true);
  await ada.page.locator(".banner.waiting", { hasText: "Reconnecting" }).waitFor();
  await ada.say("offline: from ada");
  await ada.page.locator("[role=log] li", { hasText: "sending…" }).waitFor();
  await ada.picture("reconnecting");
  expect(await axeViolations(ada.page)).toEqual([]);
  await bo.say("offline: from bo");
  await bo.page.locator("[role=log] li", { hasText: "offline: from bo" }).waitFor();
  const { loads } = ada;
  await ada.page.context().setOffline(false);
  // Besides the message, it can have missed that the pages of the test before have left.
  await ada.page.locator(".banner.good", { hasText: /caught up with \d+ missed events?\./ }).waitFor();
  for (const one of [ada, bo])
    await eventually("both messages", async () => only(await one.messages(), "offline").length === 2);
  expect(ada.loads).toBe(loads);
  await ada.picture("caught-up");
  expect(await axeViolations(ada.page)).toEqual([]);
  await ada.page.locator(".banner button").press("Enter");
  await ada.page.locator(".banner.quiet").waitFor({ state: "attached" });
});

test("a page that cannot be recovered says so, and loads the messages and updates that it has missed", async () => {
  await ada.page.context().setOffline(true);
  await ada.page.locator(".banner.waiting").waitFor();
  await bo.say("gap: from bo");
  await desk.update("1001", "gap: update");
  await bo.page.locator(".updates li", { hasText: "gap: update" }).waitFor();
  // Without recovery, the gateways end the sessions of clients that are not connected.
  await desk.configure("recovery: { windowSeconds: 0 }");
  const { loads } = ada;
  await ada.page.context().setOffline(false);
  await ada.page.locator(".banner.gap", { hasText: "may have missed something" }).waitFor();
  await eventually("the message", async () => only(await ada.messages(), "gap").length === 1);
  await eventually("the update", async () => only(await ada.updates(), "gap").length === 1);
  await eventually("bo", async () => (await ada.people()).includes("bo"));
  expect(ada.loads).toBe(loads + 1);
  await ada.picture("gap");
  expect(await axeViolations(ada.page)).toEqual([]);
  await desk.configure("");
});

test("a page on a slow network shows the message of its user at once, and the messages of others", async () => {
  const network = await ada.page.context().newCDPSession(ada.page);
  await network.send("Network.emulateNetworkConditions", {
    ...{ offline: false, latency: 600, downloadThroughput: 20_000, uploadThroughput: 20_000 },
  });
  await ada.say("slow: from ada");
  await ada.page.locator("[role=log] li", { hasText: "slow: from ada" }).waitFor();
  await bo.say("slow: from bo");
  for (const one of [ada, bo])
    await eventually("both messages", async () => only(await one.messages(), "slow").length === 2);
});

test("a page whose token is refused says so, and connects again when its user asks for it", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.route("**/api/token*", (route) => route.fulfill({ json: { token: "not a token" } }));
  await page.goto(`${desk.url}/?user=eve`);
  await page.locator(".banner.bad", { hasText: "The gateway refuses this page" }).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await page.unroute("**/api/token*");
  await page.locator(".banner button").press("Enter");
  await page.locator(".banner.quiet").waitFor({ state: "attached" });
  await page.context().close();
});

test("has no violation of accessibility rules in light and dark colors, on wide and narrow screens", async () => {
  const { page } = bo;
  await ada.say("Which courier had it?");
  await page.locator("[role=log] li", { hasText: "Which courier" }).waitFor();
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1180, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 720 });
      await bo.picture(`${colorScheme}-${width}`);
      expect([colorScheme, width, await axeViolations(page)]).toEqual([colorScheme, width, []]);
    }
});
