import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

/** Where Debian's package puts it. */
const CHROMIUM = "/usr/bin/chromium";

/** Why there is no browser to test with; null when there is one. */
export const whyNoBrowser: string | null = existsSync(CHROMIUM)
  ? null
  : `there is no ${CHROMIUM}; apt-get install chromium`;

/** Starts Chromium without a window, and without the calls home that it makes by itself. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      // Chromium refuses its own sandbox to root, who runs the tests where namespaces are wanted.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
