import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  event,
  helloOk,
  refused,
  req,
} from "../support/conversation.ts";
import { runCli } from "../support/run-cli.ts";
import { writeRecording } from "../support/written.ts";
import { launchBrowser, whyNoBrowser } from "./harness/browser.ts";
import { findFaintTexts } from "./harness/page-contrast.ts";

const shipped = (name: string): string =>
  new URL(`../../recordings/${name}.gwtrace`, import.meta.url).pathname;
const FOUNDING = [shipped("sessions-spawn-77807"), shipped("direct-agent-control")];

if (whyNoBrowser !== null) process.stderr.write(`Pages are not opened: ${whyNoBrowser}\n`);

/** A page that was opened, and what the browser had to say about it. */
interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Messages of the console, refusals of the policy among them, and errors of scripts. */
  readonly complaints: readonly string[];
  /** Addresses asked for besides the page's own. */
  readonly requests: readonly string[];
}

describe.skipIf(whyNoBrowser !== null)("the page in a real browser", () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gw-trace-page-"));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  async function open(
    recordings: readonly string[],
    options: BrowserContextOptions = {},
  ): Promise<Opened> {
    return openPage(await makePage(recordings), options);
  }

  async function makePage(recordings: readonly string[]): Promise<string> {
    const { code, stdout } = await runCli(["report", ...recordings, "--html"]);
    expect(code).toBe(0);
    return stdout;
  }

  async function openPage(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const file = join(folder, "page.html");
    await writeFile(file, html);
    const url = pathToFileURL(file).href;
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url() !== url) requests.push(request.url());
    });
    await page.goto(url);
    return { page, complaints, requests, [Symbol.asyncDispose]: () => context.close() };
  }

  const steps = (page: Page) => page.locator("li.step:visible");

  test.each(["light", "dark"] as const)(
    "is readable in the %s, without a scroll sideways, and asks for nothing",
    async (colorScheme) => {
      for (const width of [360, 1280]) {
        await using opened = await open(FOUNDING, {
          colorScheme,
          viewport: { width, height: 800 },
        });
        const { page, complaints, requests } = opened;
        await page.getByRole("button", { name: "Unfold frames" }).click();
        expect(await findFaintTexts(page)).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
        expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      }
    },
  );

  test("filters by the language of --filter, and says what it does not understand", async () => {
    await using opened = await open(FOUNDING);
    const { page } = opened;
    const filter = page.getByRole("searchbox", { name: "Filter" });
    const status = page.getByRole("status");
    const all = await steps(page).count();
    await filter.fill("type==res && !ok");
    expect(await steps(page).count()).toBe(2);
    await expect.poll(() => status.textContent()).toBe(`2 of ${all} steps on this page match`);
    // The connections of the other recording have no refusal: nothing of them is left.
    expect(await page.locator("section.connection:visible").count()).toBe(2);
    await filter.fill("methd==agent");
    await expect.poll(() => status.textContent()).toContain("did you mean method?");
    expect(await filter.getAttribute("aria-invalid")).toBe("true");
    await filter.fill("");
    expect(await steps(page).count()).toBe(all);
  });

  test("a link to evidence shows and unfolds the frame, by keyboard, also through a filter", async () => {
    await using opened = await open(FOUNDING);
    const { page } = opened;
    await page.getByRole("searchbox").fill("method==connect");
    await page.locator("article").first().getByRole("link", { name: "9", exact: true }).focus();
    await page.keyboard.press("Enter");
    const step = page.locator("#r1-e9");
    await expect.poll(() => step.locator(".frame").isVisible()).toBe(true);
    expect(await step.textContent()).toContain("missing scope: operator.write");
    await step.locator("summary").first().focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => step.locator(".frame").isVisible()).toBe(false);
  });

  test("says the same without scripts, but for the filter box", async () => {
    await using scripted = await open(FOUNDING);
    await using plain = await open(FOUNDING, { javaScriptEnabled: false });
    const textOf = (page: Page) => page.locator("main").innerText();
    expect(await textOf(plain.page)).toBe(await textOf(scripted.page));
    expect(await plain.page.locator("#filter").isVisible()).toBe(false);
    await plain.page.locator("#r1-e9 summary").first().click();
    expect(await plain.page.locator("#r1-e9 .frame").isVisible()).toBe(true);
  });

  test("runs and sends nothing that was recorded", async () => {
    const attacks = [
      "<script>alert(1)</script>",
      "</script><script>alert(2)</script>",
      `"><img src="https://evil.example/a.png" onerror="alert(3)">`,
      `' onmouseover='alert(4)' autofocus onfocus='alert(5)`,
      "</style><style>@import url(https://evil.example/b.css);</style>",
      `<svg onload="alert(6)"><a href="javascript:alert(7)">x</a></svg>`,
      "<base href=https://evil.example/><iframe src=//evil.example></iframe><!--",
      "\u0000\u202e\u2066\u200b\ud800\u009b2J\u2028<meta http-equiv=refresh content=0;//evil.example>",
    ];
    const recording = join(folder, "hostile.gwtrace");
    const talks = attacks.map((text, index) =>
      conversation(
        { connection: index + 1, startMs: index * 100, origin: text },
        challenge(),
        connect({ client: `${text}/${text}`, scopes: [text], device: text, version: text }),
        helloOk({ scopes: [text], version: text }),
        req(text, text, { [text]: text }),
        refused(text, text, text, { [text]: text }),
        event(text, [text]),
        client(text),
        close("gateway", 1008, text),
      ),
    );
    await writeRecording(recording, talks);
    await using opened = await open([recording], { viewport: { width: 360, height: 800 } });
    const { page, complaints, requests } = opened;
    await page.getByRole("button", { name: "Unfold frames" }).click();
    for (const heading of await page.getByRole("heading").all()) await heading.hover();
    await page.getByRole("searchbox").fill(`type==res && "alert"`);
    expect(await steps(page).count()).toBeGreaterThan(0);
    expect(await page.locator("script").count()).toBe(1);
    expect(await page.locator("img, iframe, base, svg svg").count()).toBe(0);
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
  });

  test("even a hole in the escaping would run and send nothing", async () => {
    const hole = `<script>document.title = "taken"</script><img src="https://evil.example/a.png" onerror="document.title = 'taken'"><style>h1 { display: none }</style>`;
    const page = await makePage(FOUNDING);
    await using opened = await openPage(page.replace("<main>", `${hole}<main>`));
    expect(await opened.page.title()).toBe("sessions-spawn-77807, direct-agent-control: 2 errors");
    expect(await opened.page.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
    const blocked = opened.complaints.filter((text) => text.includes("Content Security Policy"));
    // The script, the style, the picture and its handler.
    expect(blocked.length).toBeGreaterThanOrEqual(4);
  });

  test("prints everything but the filter box", async () => {
    await using opened = await open([shipped("sessions-spawn-77807")]);
    const { page } = opened;
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("#filter").isVisible()).toBe(false);
    expect(await page.locator("article").count()).toBe(2);
    expect(await findFaintTexts(page)).toEqual([]);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
  });
});
