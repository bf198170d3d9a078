import { BOUNDS } from "./bounds.ts";
import { html, type Content, type Markup } from "./markup.ts";

/** JSON.parse accepts nesting far deeper than calls and pages may go. */
const MAX_DEPTH = 40;
/** Containers with more members, or deeper down, begin folded. */
const MAX_UNFOLDED_MEMBERS = 12;
const MAX_UNFOLDED_DEPTH = 3;

/** How many characters may still be written; what does not fit is counted instead. */
export interface Room {
  left: number;
}

/** A value as JSON whose long and deep parts fold, without any script. */
export function renderJson(value: unknown, room: Room): Markup {
  return html`<div class="json">${renderValue(value, 0, room)}</div>`;
}

function renderValue(value: unknown, depth: number, room: Room): Content {
  if (typeof value === "string") return renderString(value, room);
  if (!isContainer(value)) {
    const text = JSON.stringify(value) ?? "null";
    room.left -= text.length;
    return text;
  }
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (depth >= MAX_DEPTH) return `${open} … nested deeper than ${MAX_DEPTH} ${close}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return open + close;
  return [open, html`<div class="in">${renderMembers(value, keys, depth, room)}</div>`, close];
}

function renderMembers(value: object, keys: readonly string[], depth: number, room: Room) {
  const members: Content[] = [];
  for (const [index, key] of keys.entries()) {
    if (room.left <= 0) {
      members.push(html`<i>… ${keys.length - index} more, left out to keep the page small</i>`);
      break;
    }
    const comma = index === keys.length - 1 ? "" : ",";
    const name = Array.isArray(value) ? "" : renderKey(key, room);
    const member: unknown = Reflect.get(value, key);
    const inner = [renderValue(member, depth + 1, room), comma];
    if (isContainer(member) && isFolded(member, depth + 1)) {
      const summary = html`<summary>${name}${describeContainer(member)}</summary>`;
      members.push(html`<details>${summary}${inner}</details>`);
    } else members.push(html`<div>${name}${inner}</div>`);
  }
  return members;
}

function renderKey(key: string, room: Room): Content {
  return [html`<b>${renderString(key, room)}</b>`, ": "];
}

function renderString(value: string, room: Room): string {
  const text = JSON.stringify(value);
  room.left -= Math.min(text.length, BOUNDS.oneText);
  return text;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isFolded(value: object, depth: number): boolean {
  const { length } = Object.keys(value);
  return length > MAX_UNFOLDED_MEMBERS || (depth >= MAX_UNFOLDED_DEPTH && length > 1);
}

function describeContainer(value: object): string {
  const { length } = Object.keys(value);
  return Array.isArray(value) ? `[ ${length} ]` : `{ ${length} }`;
}
