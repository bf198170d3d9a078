import { html, type Content, type Markup } from "./markup.ts";

/** A table with a caption, in a region of its own that scrolls sideways where the window is narrower, also by keyboard. */
export function renderTableRegion(
  caption: string,
  head: readonly string[],
  rows: readonly Content[],
): Markup {
  return html`<div class="wide" role="region" aria-label="${caption}" tabindex="0">
    <table class="${head.length > 4 ? "many" : "few"}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
