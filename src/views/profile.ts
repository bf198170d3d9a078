import { look, NOT_MEASURED } from "../gateway/measured.ts";
import { NO_SCOPE, ROLE_NODE, type Profile } from "../gateway/profile.ts";
import { wordRule } from "../gateway/rule-words.ts";
import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";
import { colorsOf, renderParagraph, renderTable, type Style } from "./style.ts";

/** What a Gateway version requires, as text: a table of scopes, then the methods behind each. Ends with a line break. */
export function renderProfile(profile: Profile, notes: readonly string[], style: Style): string {
  const colors = colorsOf(style);
  const groups = groupsOf(profile);
  const rows = [
    ["protocol", String(profile.protocol)],
    ["missing scope", wordRule(look(profile.refusals, "missing-scope"))],
    ["events", countOf(profile.events)],
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

function countOf(events: Profile["events"]): string {
  return events === NOT_MEASURED ? NOT_MEASURED : String(Object.keys(events).length);
}

/** The methods by what they need: those that need least first. */
function groupsOf({
  methods,
}: Profile): readonly (readonly [needs: string, methods: readonly string[]])[] {
  if (methods === NOT_MEASURED) return [];
  const groups = new Map<string, string[]>([
    [NO_SCOPE, []],
    [ROLE_NODE, []],
  ]);
  for (const [method, need] of Object.entries(methods)) {
    const group = groups.get(need);
    if (group === undefined) groups.set(need, [method]);
    else group.push(method);
  }
  return [...groups].filter(([, names]) => names.length > 0);
}
