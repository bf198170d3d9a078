import { toPrintable } from "../printable.ts";
import { BOUNDS } from "./bounds.ts";
import { ownField } from "../../gateway/json-object.ts";

/** HTML that is safe to put into a page. Only `html` and `ownElement` make it: text cannot pass for it. */
export type Markup = SafeText;

/** What a template may hold: markup as it is, everything else as text. */
export type Content = Markup | string | number | readonly Content[];

class SafeText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * Builds markup from a template. Text is made printable, cut where it is very long, and escaped: it stays text between tags and in quoted attributes.
 * Put no value into a tag name or an unquoted attribute: no escaping helps there. The template's own line breaks lose their indentation.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = outdented(strings);
  let text = parts[0] ?? "";
  for (const [index, value] of values.entries()) text += render(value) + (parts[index + 1] ?? "");
  return new SafeText(text);
}

/** A style or a script of gw-trace's own, exactly as it is, so that its hash holds. Never give it anything that was recorded. */
export function ownElement(name: "style" | "script", text: string): Markup {
  return new SafeText(`<${name}>${text}</${name}>`);
}

/** Text whose length the caller answers for, in full. */
export function whole(text: string): Markup {
  return new SafeText(escapeText(text));
}

const OUTDENTED = new WeakMap<TemplateStringsArray, readonly string[]>();

// Every call of one template gives the same array.
function outdented(strings: TemplateStringsArray): readonly string[] {
  let parts = OUTDENTED.get(strings);
  if (parts === undefined) {
    parts = strings.map((part) => part.replaceAll(/\s*\n\s*/g, "\n"));
    OUTDENTED.set(strings, parts);
  }
  return parts;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(content: Content): string {
  if (content instanceof SafeText) return content.toString();
  if (typeof content === "string") return escapeText(cut(content));
  if (typeof content === "number") return String(content);
  let text = "";
  for (const part of content) text += render(part);
  return text;
}

// Names, too, can be megabytes long, and stand in many places.
function cut(text: string): string {
  if (text.length <= BOUNDS.oneText) return text;
  const more = (text.length - BOUNDS.oneText).toLocaleString("en-US");
  return `${text.slice(0, BOUNDS.oneText)} … (${more} more characters)`;
}

function escapeText(text: string): string {
  return toPrintable(text).replaceAll(
    /[&<>"']/g,
    (character) => ownField(ESCAPES, character) ?? "",
  );
}
