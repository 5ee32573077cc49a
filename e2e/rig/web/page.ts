/* The page of `upkeep web` in Chromium. */
import { writeFileSync } from "node:fs";
import { source as axeSource } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll } from "vitest";
import { type RigTest, rigTest } from "../core/conformance.ts";
import { program } from "../core/needs.ts";
import { standalone } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";
import { waitLimit } from "../core/until.ts";
import { freePort } from "../process/ports.ts";
import type { RunningCommand } from "../process/running-command.ts";

/**
 * Registers a test with a page. The page is the same file in both builds, so the stand-alone one is enough.
 */
export function pageTest(title: string, run: RigTest): void {
  const inTurn: RigTest = async (rig) => {
    await takeTurn();
    try {
      await run(rig);
    } finally {
      passTurn();
    }
  };
  rigTest(title, [standalone], inTurn, { needs: program("chromium", "chromium") });
}

let browser: Promise<Browser> | undefined;

/** Chromium draws by the processor here, so only so many tests have pages at the same time. */
let free = 2;
const waiting: (() => void)[] = [];

async function takeTurn(): Promise<void> {
  if (free > 0) free -= 1;
  else await new Promise<void>((go) => waiting.push(go));
}

function passTurn(): void {
  const next = waiting.shift();
  if (next === undefined) free += 1;
  else next();
}

/** One browser for all tests of a process; each test gets a profile of its own. */
async function theBrowser(): Promise<Browser> {
  // A sandbox would need more than root of a container has, and no page but ours is ever shown.
  browser ??= chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  return await browser;
}

afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

/** A server of the rig's services that can be killed and started again at its address. */
export class WebServer {
  readonly port: number;
  readonly #rig: TestRig;
  readonly #options: readonly string[];
  #command: RunningCommand | undefined;

  private constructor(rig: TestRig, port: number, options: readonly string[]) {
    this.#rig = rig;
    this.port = port;
    this.#options = options;
  }

  static readonly token = "a token of the tests, long enough".replaceAll(/[ ,]/g, "-");

  static async start(rig: TestRig, ...options: readonly string[]): Promise<WebServer> {
    const server = new WebServer(rig, await freePort(), options);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const file = this.#rig.path("token");
    writeFileSync(file, `${WebServer.token}\n`, { mode: 0o600 });
    const listen = ["--listen", `127.0.0.1:${this.port}`, "--token-file", file];
    const command = this.#rig.start("upkeep-web", [...listen, ...this.#options, this.#rig.services]);
    this.#command = command;
    await this.#rig.until("the server", async () => {
      if (command.ending !== undefined) throw new Error(`upkeep web has ended: ${command.stderr()}`);
      return await fetch(`http://127.0.0.1:${this.port}/api/v1/session`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    const command = this.#command;
    if (command === undefined) return;
    process.kill(command.pid, "SIGKILL");
    await this.#rig.result(command);
  }
}

/** A page, and what the browser had to complain about. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, refusals of the Content-Security-Policy, answers that are errors, and requests to others. */
  readonly complaints: readonly string[];
}

/** Opens the page, signed in, and waits until it is live. */
export async function openPage(
  server: WebServer,
  path = "",
  { isSignedIn = true, ...options }: BrowserContextOptions & { readonly isSignedIn?: boolean } = {},
): Promise<OpenPage> {
  const context = await (await theBrowser()).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(waitLimit);
  const page = await context.newPage();
  const complaints: string[] = [];
  const origin = `http://127.0.0.1:${server.port}`;
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(?:blob|data):/.test(url)) complaints.push(`a request to ${url}`);
  });
  await page.goto(`${origin}/${isSignedIn ? `#token=${WebServer.token}` : path}`);
  if (isSignedIn) {
    await page.locator(".signal.live").waitFor();
    if (path !== "") await page.goto(`${origin}/${path}`);
  }
  return { page, complaints, [Symbol.asyncDispose]: async () => await context.close() };
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe finds wrong with a page: rules, and where they are broken. */
export async function barriersOf(page: Page): Promise<readonly string[]> {
  // What moves or fades is looked at when it rests.
  await page.waitForFunction("document.getAnimations().every(({ playState }) => playState !== 'running')");
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary ?? ""}`),
  );
}
