import type { TracedRecording } from "../../trace/model.ts";
import { html, type Content, type Markup } from "./markup.ts";

/** Notes for those who share a page. */
interface SharingNotes {
  /** Stands before everything else. */
  readonly warning: Content;
  readonly others: Content;
}

/** What whoever passes the page on should know of what stands in it, each note once. */
export function renderSharingNotes(recordings: readonly TracedRecording[]): SharingNotes {
  const notes = new Map<keyof typeof NOTES, string[]>();
  for (const recording of recordings) {
    const kind = kindOf(recording);
    notes.set(kind, [...(notes.get(kind) ?? []), recording.name]);
  }
  const render = ([kind, names]: [keyof typeof NOTES, readonly string[]]) =>
    html`<p class="note ${kind}" role="note">
      ${recordings.length > 1 ? `${names.join(", ")}: ` : ""}${NOTES[kind]}
    </p> `;
  return {
    warning: [...notes].filter(([kind]) => kind === "clear").map(render),
    others: [...notes].filter(([kind]) => kind !== "clear").map(render),
  };
}

function kindOf({ header: { redaction, scrubbed } }: TracedRecording): keyof typeof NOTES {
  if (scrubbed !== null && scrubbed !== "credentials") return scrubbed;
  return scrubbed === null && redaction === "off" ? "clear" : "credentials";
}

const NOTES = {
  clear: html`<b>CREDENTIALS IN CLEAR.</b> This was recorded without redaction: whoever gets this
    page can use the tokens and keys in it. Before you show it to anybody, make it again from a copy
    that <code>gw-trace scrub</code> wrote.`,
  credentials: html`Credentials are redacted. Texts, ids and addresses are as they crossed the wire:
    before you show this page to others, make it from a copy that
    <code>gw-trace scrub --level identifiers</code> or <code>--level content</code> wrote.`,
  identifiers: html`Credentials and identifiers were scrubbed. Texts of messages and arguments of
  tools are as they crossed the wire.`,
  content: html`Credentials, identifiers and content were scrubbed. Methods, scopes and times are as
  they were.`,
} satisfies Readonly<Record<string, Markup>>;
