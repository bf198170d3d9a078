import type { Profile } from "../gateway/profile.ts";
import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "./style.ts";

/** What a Gateway version requires, as text: a table of scopes, then the methods behind each. Ends with a line break. */
export function renderProfile(profile: Profile, notes: readonly string[], style: Style): string {
  const colors = colorsOf(style);
  const groups = groupsOf(profile);
  const { code, detailCode } = profile.scopeRefusal;
  const rows = [
    ["protocol", String(profile.protocol)],
    ["missing scope", detailCode === null ? code : `${code}, details.code ${detailCode}`],
    ["events", String(profile.events.length)],
    ...groups.map(([needs, methods]) => [needs, renderCount(methods.length, "method")]),
  ];
  const lists = groups.map(([needs, methods]) =>
    [
      colors.bold(toPrintable(needs)),
      renderParagraph("", toPrintable(methods.join(", ")), style, 2),
    ].join("\n"),
  );
  const sections = [
    `${colors.bold(`OpenClaw ${toPrintable(profile.version)}`)}\n${renderTable(rows.map((row) => row.map(toPrintable)))}`,
    ...lists,
    ...notes.map((note) => renderParagraph("note  ", toPrintable(note), style, 0)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function groupsOf({
  methods,
  freeMethods,
  nodeMethods,
}: Profile): readonly (readonly [needs: string, methods: readonly string[]])[] {
  const all = [
    ["no scope", freeMethods],
    ["role node", nodeMethods],
    ...Object.entries(methods),
  ] as const;
  return all.filter(([, names]) => names.length > 0);
}
