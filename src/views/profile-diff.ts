import { isSameProfile, type MethodNeed, type ProfileDiff } from "../gateway/diff-profiles.ts";
import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "./style.ts";

/** What an upgrade changes for a client, as text: first what breaks, then what is new. Ends with a line break. */
export function renderProfileDiff(diff: ProfileDiff, style: Style): string {
  const { bold } = colorsOf(style);
  const head = bold(toPrintable(`OpenClaw ${diff.from} -> ${diff.to}`));
  if (isSameProfile(diff)) return `${head}\n  no difference\n`;
  const rules = [
    ...(diff.protocol === null ? [] : [{ rule: "protocol", ...diff.protocol }]),
    ...diff.rules,
  ];
  const sections = [
    ...rules.map(({ rule, from, to }) => renderRule(rule, from, to, style)),
    renderSection(
      `${renderCount(diff.changed.length, "method")} that need something else`,
      diff.changed.map(({ method, from, to }) => [method, from, `-> ${to}`]),
      style,
    ),
    renderNeeds(`${renderCount(diff.removed.length, "method")} gone`, diff.removed, style),
    renderNeeds(renderCount(diff.added.length, "new method"), diff.added, style),
    renderNames(
      `${renderCount(diff.removedEvents.length, "event")} gone`,
      diff.removedEvents,
      style,
    ),
    renderNames(renderCount(diff.addedEvents.length, "new event"), diff.addedEvents, style),
  ];
  return `${[head, ...sections.filter((section) => section !== "")].join("\n\n")}\n`;
}

function renderRule(rule: string, from: string, to: string, style: Style): string {
  const lines = [
    renderParagraph("was  ", toPrintable(from), style, 2),
    renderParagraph("is   ", toPrintable(to), style, 2),
  ];
  return [colorsOf(style).bold(rule), ...lines].join("\n");
}

function renderNeeds(title: string, needs: readonly MethodNeed[], style: Style): string {
  return renderSection(
    title,
    needs.map(({ method, needs: what }) => [method, what]),
    style,
  );
}

function renderNames(title: string, names: readonly string[], style: Style): string {
  if (names.length === 0) return "";
  const list = renderParagraph("", toPrintable(names.join(", ")), style, 2);
  return `${colorsOf(style).bold(title)}\n${list}`;
}

function renderSection(title: string, rows: readonly (readonly string[])[], style: Style): string {
  if (rows.length === 0) return "";
  return `${colorsOf(style).bold(title)}\n${renderTable(rows.map((row) => row.map(toPrintable)))}`;
}
