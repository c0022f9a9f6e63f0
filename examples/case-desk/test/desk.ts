// Runs the case desk as a user does, and opens its page in Chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { freePorts } from "../../../testkit/free-ports.ts";
import { run } from "../../../testkit/run.ts";
import { until } from "../../../testkit/until.ts";

const example = join(import.meta.dirname, "..");
const repository = join(example, "../..");
/** Where the pictures of each state are. */
const pictures = join(repository, "test-artifacts/case-desk");

export interface Desk {
  url: string;
  /** Saves the cluster's file with this in its spec, and waits until the gateways have it. */
  configure: (spec: string) => Promise<void>;
  /** Runs an action of `realtime dev`, for example "roll". Returns what it has printed. */
  act: (action: string) => Promise<string>;
  /** Publishes an update through the back end. */
  update: (caseId: string, text: string) => Promise<void>;
  stop: () => Promise<void>;
}

export async function startDesk(): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "case-desk-"));
  // In Debian's packages, redis-check-rdb is the same program as redis-server.
  symlinkSync("/usr/bin/redis-check-rdb", join(folder, "redis-server"));
  const [port, backendPort, pagePort] = await freePorts(3);
  const file = join(folder, "cluster.yaml");
  const cluster = readFileSync(join(example, "cluster.yaml"), "utf8").replace("8787", `${backendPort}`);
  writeFileSync(file, cluster);
  const ports = ["--port", `${port}`, "--backend-port", `${backendPort}`, "--page-port", `${pagePort}`];
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}`, UPDATE_SECONDS: "0" };
  const child = spawn(process.execPath, [join(example, "start.ts"), "-f", file, ...ports], { cwd: folder, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${pagePort}`;
  try {
    await until(
      "the desk to start",
      async () => {
        if (child.exitCode !== null) throw new Error("the desk has ended");
        return output.includes("desk runs: 2 gateways") && output.includes("The case desk: ");
      },
      90_000,
      50,
    );
  } catch (error) {
    await stop();
    throw new Error(output, { cause: error });
  }
  return {
    ...{ url, stop },
    async configure(spec) {
      const before = output.length;
      writeFileSync(file, cluster.replace("spec:", `spec:\n  ${spec}`));
      await until("the live fields", async () => output.includes("live fields: applied", before), 30_000, 20);
    },
    act: (action) => run(process.execPath, [join(repository, "operator/src/main.ts"), "dev", action], { cwd: folder }),
    async update(caseId, text) {
      const body = JSON.stringify({ status: "open", text });
      const response = await fetch(`${url}/api/cases/${caseId}/updates`, { method: "POST", body });
      expect(response.status).toBe(200);
    },
  };
}

/** The page of one user, in a browser context of its own. */
export class DeskPage {
  readonly page: Page;
  readonly #problems: string[] = [];

  /** The number of times that the page has loaded the history of a chat. */
  loads = 0;

  private constructor(page: Page) {
    this.page = page;
    page.on("request", (request) => {
      if (request.url().endsWith("/messages")) this.loads += 1;
    });
    page.on("pageerror", ({ message }) => this.#problems.push(message));
    page.on("console", (message) => {
      // Chromium itself reports requests and connections that fail while the page is offline.
      const isOfPage = !/ERR_|WebSocket connection to|Failed to load resource/.test(message.text());
      if (isOfPage && ["error", "warning"].includes(message.type())) this.#problems.push(message.text());
    });
  }

  static async open(browser: Browser, desk: Desk, user: string): Promise<DeskPage> {
    const context = await browser.newContext({ viewport: { width: 1180, height: 720 } });
    const desktop = new DeskPage(await context.newPage());
    await desktop.page.addInitScript({ path: join(import.meta.dirname, "record-banners.js") });
    await desktop.page.goto(`${desk.url}/?user=${user}#1001`);
    return desktop;
  }

  /** Sends a message with the keyboard alone. */
  async say(text: string): Promise<void> {
    await this.page.focus("[aria-label=Message]");
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press("Enter");
  }

  texts(selector: string): Promise<string[]> {
    return this.page.locator(selector).allTextContents();
  }

  /** The texts of the messages that are sent, in the order in which the page shows them. */
  messages(): Promise<string[]> {
    return this.texts("[role=log] li:not(:has(.state)) > p");
  }

  /** The oldest first. */
  updates(): Promise<string[]> {
    return this.texts(".updates li p").then((texts) => texts.reverse());
  }

  people(): Promise<string[]> {
    return this.texts(".people li");
  }

  /** All texts that the banner has had since the page was opened, or since the last call. */
  async banners(): Promise<string[]> {
    return this.page.evaluate("globalThis.banners.splice(0)");
  }

  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  expectNoProblems(): void {
    expect(this.#problems).toEqual([]);
  }
}
