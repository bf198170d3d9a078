import stringWidth from "string-width";
import type {
  ConnectionDiff,
  FieldDifference,
  PathDifference,
  RecordingDiff,
  RpcDiff,
  Sides,
  ValuesDiff,
} from "../diff/model.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, tally } from "./quantity.ts";
import { colorsOf, renderParagraph, type Style } from "./style.ts";

const MAX_RPCS = 20;
const MAX_PATHS = 5;
const MAX_NAMES = 12;
const BODY = 2;
const DETAIL = 4;

/** Two recordings compared, as text: what holds for all first, then each connection that differs. Ends with a line break. */
export function renderDiff(diff: RecordingDiff, style: Style): string {
  const sections = [
    renderHead(diff, style),
    renderGeneral(diff, style),
    ...diff.connections.map((connection) => renderConnection(connection, style)),
    renderConclusion(diff, style),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function renderHead({ a, b, missing }: RecordingDiff, style: Style): string {
  const colors = colorsOf(style);
  const blind = [
    ...missing.a.map((what) => `not all of the first was recorded: ${what}`),
    ...missing.b.map((what) => `not all of the second was recorded: ${what}`),
  ].map((line) => renderParagraph("! ", colors.yellow(toPrintable(line)), style, 0));
  const legend = "first -> second; + found only in the second, - only in the first";
  return [
    renderParagraph("", colors.bold(renderChange({ a, b })), style, 0),
    colors.dim(legend),
    ...blind,
  ].join("\n");
}

function renderGeneral(diff: RecordingDiff, style: Style): string {
  const lines = [
    ...diff.general.map((difference) => renderField(difference, style, BODY)),
    ...renderNames("methods advertised", diff.methods, style),
    ...renderNames("events advertised", diff.eventKinds, style),
  ];
  return lines.join("\n");
}

function renderConnection(diff: ConnectionDiff, style: Style): string {
  const colors = colorsOf(style);
  const who = toPrintable(diff.who);
  if (diff.a === null || diff.b === null) return renderLonely(diff, who, style);
  const numbers = diff.a === diff.b ? `${diff.a}` : `${diff.a} -> ${diff.b}`;
  return [
    `${colors.bold(`connection ${numbers}`)}  ${who}`,
    ...diff.handshake.map((difference) => renderField(difference, style, BODY)),
    ...renderFindings(diff, style),
    ...renderRpcs(diff.rpcs, style),
    ...renderUnknown(diff, style),
    ...renderNames("events", diff.events, style),
  ].join("\n");
}

function renderLonely(diff: ConnectionDiff, who: string, style: Style): string {
  const { a, b, rpcs, findings, unknown } = diff;
  const colors = colorsOf(style);
  const [here, there] = b === null ? ["first", "second"] : ["second", "first"];
  const only = `only in the ${here}${unknown > 0 ? ` (it may be in a gap of the ${there})` : ""}:`;
  const side = b === null ? colors.red(only) : colors.green(only);
  const calls = rpcs.map(({ method, outcome }) => `${method} ${outcome.a ?? outcome.b ?? ""}`);
  const codes = [...new Set([...findings.a, ...findings.b].map(({ code }) => code))];
  const lines = [`${side} ${colors.bold(`connection ${a ?? b}`)}  ${who}`];
  if (calls.length > 0) lines.push(renderList("calls", tally(calls), style));
  if (codes.length > 0) lines.push(renderList("findings", codes, style));
  return lines.join("\n");
}

function renderFindings({ findings }: ConnectionDiff, style: Style): readonly string[] {
  const colors = colorsOf(style);
  return [
    ...findings.b.map((finding) => [colors.red("+ "), finding] as const),
    ...findings.a.map((finding) => [colors.green("- "), finding] as const),
  ].map(([sign, { code, title }]) =>
    renderParagraph(`${sign}${code}  `, toPrintable(title), style, BODY),
  );
}

function renderRpcs(rpcs: readonly RpcDiff[], style: Style): readonly string[] {
  const both = rpcs.filter(({ request }) => request.a !== null && request.b !== null);
  const more = both.length - MAX_RPCS;
  const calls = (side: "a" | "b") =>
    rpcs
      .filter(({ request }) => request[side === "a" ? "b" : "a"] === null)
      .map(({ method, outcome }) => `${method} ${outcome[side] ?? ""}`);
  return [
    ...both.slice(0, MAX_RPCS).map((rpc) => renderRpc(rpc, style)),
    ...(more > 0 ? [`  … and ${renderCount(more, "more call")} that differ; --json has all`] : []),
    ...renderNames("calls", { a: tally(calls("a")), b: tally(calls("b")) }, style),
  ];
}

function renderUnknown({ unknown }: ConnectionDiff, style: Style): readonly string[] {
  if (unknown === 0) return [];
  const what = `${renderCount(unknown, "call")} could not be compared: what is missing may be in a gap`;
  return [renderParagraph("! ", colorsOf(style).yellow(what), style, BODY)];
}

function renderRpc({ method, request, outcome, params, answer }: RpcDiff, style: Style): string {
  const entries = `entry ${request.a} -> ${request.b}`;
  const changed = outcome.a !== outcome.b;
  const what = changed
    ? renderChange({ a: outcome.a ?? "", b: outcome.b ?? "" })
    : toPrintable(outcome.a ?? "");
  return [
    renderParagraph(`${toPrintable(method)}  `, `${what} (${entries})`, style, BODY),
    ...renderValues("params", params, style),
    ...renderValues("answer", answer, style),
  ].join("\n");
}

function renderValues(what: string, { count, shown }: ValuesDiff, style: Style): readonly string[] {
  if (count === 0) return [];
  const more = count - Math.min(shown.length, MAX_PATHS);
  return [
    `${" ".repeat(DETAIL)}${what}: ${renderCount(count, "place")} ${count === 1 ? "differs" : "differ"}`,
    ...shown.slice(0, MAX_PATHS).map((difference) => renderPath(difference, style)),
    ...(more > 0 ? [`${" ".repeat(DETAIL + 2)}… and ${more} more`] : []),
  ];
}

function renderPath({ path, a, b }: PathDifference, style: Style): string {
  const values = { a: a ?? "(absent)", b: b ?? "(absent)" };
  const indent = DETAIL + 2;
  const line = `${" ".repeat(indent)}${toPrintable(path)}  ${renderChange(values)}`;
  if (stringWidth(line) <= style.columns) return line;
  return [
    renderParagraph("", toPrintable(path), style, indent, true),
    renderParagraph("first   ", toPrintable(values.a), style, indent + 2, true),
    renderParagraph("second  ", toPrintable(values.b), style, indent + 2, true),
  ].join("\n");
}

function renderField({ field, a, b }: FieldDifference, style: Style, indent: number): string {
  return renderParagraph(`${field}  `, renderChange({ a, b }), style, indent);
}

function renderNames(
  what: string,
  { a, b }: Sides<readonly string[]>,
  style: Style,
): readonly string[] {
  return [
    ...(a.length === 0 ? [] : [renderList(`${what} only in the first (${a.length})`, a, style)]),
    ...(b.length === 0 ? [] : [renderList(`${what} only in the second (${b.length})`, b, style)]),
  ];
}

function renderList(what: string, names: readonly string[], style: Style): string {
  const more = names.length - MAX_NAMES;
  const text = names.slice(0, MAX_NAMES).map(toPrintable).join(", ");
  return renderParagraph(
    "",
    `${what}: ${text}${more > 0 ? `, and ${more} more` : ""}`,
    style,
    BODY,
  );
}

function renderConclusion({ compared, connections, same }: RecordingDiff, style: Style): string {
  const colors = colorsOf(style);
  const what = [
    renderCount(compared.connections, "connection"),
    renderCount(compared.rpcs, "call"),
    renderCount(compared.payloads, "payload"),
  ].join(", ");
  if (same) return `${colors.green("no difference")}; compared: ${what}`;
  const verb = connections.length === 1 ? "differs" : "differ";
  return `${renderCount(connections.length, "connection")} ${verb}; compared: ${what}`;
}

function renderChange({ a, b }: Sides<string>): string {
  return `${toPrintable(a)} -> ${toPrintable(b)}`;
}
