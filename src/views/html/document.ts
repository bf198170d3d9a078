import { createHash } from "node:crypto";
import { html, ownElement, type Markup } from "./markup.ts";
import { PAGE_STYLE } from "./style.ts";

/**
 * A whole HTML document with nothing outside of it. Its policy lets in the one style and the one script that it names by their
 * hashes, and no request at all: even a hole in the escaping would run and send nothing.
 */
export function renderDocument(title: string, body: Markup, script: string): string {
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(PAGE_STYLE)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${ownElement("style", PAGE_STYLE)}
      </head>
      <body>
        ${body} ${ownElement("script", script)}
      </body>
    </html> `.toString();
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}
