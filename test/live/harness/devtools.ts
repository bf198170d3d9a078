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
  // The panel's toolbar is there when the panel listens.
  await tools.getByRole("tab", { name: "Network", exact: true }).waitFor();
  return {
    har: (messages) =>
      until("DevTools has heard all messages", TIMEOUT_MS, async () => {
        const result = resultSchema.parse(await tools.evaluate(WRITE_HAR));
        return "whyNot" in result || result.messages >= messages ? result : null;
      }),
  };
}
