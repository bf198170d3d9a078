import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";
import type { Chromium } from "./chromium.ts";
import { until } from "./until.ts";

const TIMEOUT_MS = 60_000;

/** Chromium's own DevTools, looking at a page since before it loaded anything. */
export interface DevTools {
  /**
   * What "Export HAR (with sensitive data)" of the Network panel writes once it has heard of so many messages, or why this Chromium
   * cannot be asked for it.
   */
  har(messages: number): Promise<{ readonly text: string } | { readonly whyNot: string }>;
}

const resultSchema = z.union([
  z.object({ messages: z.int(), text: z.string() }),
  z.object({ whyNot: z.string() }),
]);

/** What the page asks of itself until DevTools has heard of it. */
const SIGN_OF_LIFE = "data:,heard";

/** Runs in the page of DevTools, and says whether its log has the sign of life; a DevTools without such a log hears nothing. */
const HAS_HEARD = `(async () => {
  const { NetworkLog } = await import("./models/logs/logs.js");
  return NetworkLog.NetworkLog.instance().requests().some((request) => request.url() === "${SIGN_OF_LIFE}");
})().catch(() => null)`;

/** Runs in the page of DevTools, and writes the HAR by DevTools' own code. */
const WRITE_HAR = `(async () => {
  let text = "";
  try {
    const { NetworkLog } = await import("./models/logs/logs.js");
    const { Writer } = await import("./models/har/har.js");
    const stream = { write: async (piece) => { text += piece; } };
    const progress = { canceled: false, isCanceled: () => false, incrementWorked() {} };
    const requests = NetworkLog.NetworkLog.instance().requests();
    const messages = requests.reduce((sum, request) => sum + request.frames().length, 0);
    await Writer.Writer.write(stream, requests, { sanitize: false }, progress);
    return { messages, text };
  } catch (error) {
    return { whyNot: "DevTools of this Chromium writes no HAR when asked: " + String(error) };
  }
})()`;

/** Opens DevTools in a page of another context, as a window of its own, on `page`. */
export async function openDevTools(
  chromium: Chromium,
  page: Page,
  context: BrowserContext,
): Promise<DevTools> {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send("Target.getTargetInfo");
  const tools = await context.newPage();
  const socket = `${new URL(chromium.url).host}/devtools/page/${targetInfo.targetId}`;
  await tools.goto(`${chromium.url}/devtools/devtools_app.html?ws=${socket}&panel=network`);
  await tools.getByRole("tab", { name: "Network", exact: true }).waitFor();
  // The tab is there before DevTools listens to the page, and what it has not heard the beginning of it never shows.
  await until("DevTools listens to the page", TIMEOUT_MS, async () => {
    await page.evaluate((url) => fetch(url).then(() => null), SIGN_OF_LIFE);
    return (await tools.evaluate(HAS_HEARD)) !== false;
  });
  return {
    har: (messages) =>
      until("DevTools has heard all messages", TIMEOUT_MS, async () => {
        const result = resultSchema.parse(await tools.evaluate(WRITE_HAR));
        return "whyNot" in result || result.messages >= messages ? result : null;
      }),
  };
}
