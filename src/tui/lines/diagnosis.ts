import type { Finding } from "../../findings/finding.ts";
import { renderFinding } from "../../views/findings.ts";
import type { Span } from "../paint/canvas.ts";

/** One line of the diagnosis pane. */
export interface DiagnosisLine {
  readonly finding: number;
  /** Which line of its finding it is. */
  readonly line: number;
  readonly spans: readonly Span[];
}

// Asked for several times a key; findings change now and then.
const wrapped = new WeakMap<
  readonly Finding[],
  { readonly width: number; readonly lines: readonly DiagnosisLine[] }
>();

/** All findings as lines no wider than asked: title, why, fix, evidence and contrast. */
export function diagnosisLines(
  findings: readonly Finding[],
  width: number,
): readonly DiagnosisLine[] {
  const known = wrapped.get(findings);
  if (known?.width === width) return known.lines;
  const lines = findings.flatMap((finding, index) =>
    findingLines(finding, width).map((spans, line) => ({ finding: index, line, spans })),
  );
  wrapped.set(findings, { width, lines });
  return lines;
}

function findingLines(finding: Finding, width: number): readonly (readonly Span[])[] {
  // Every line is indented by two blanks, which the pane needs no more.
  const text = renderFinding(finding, { columns: width + 2, color: false }, false);
  return text.split("\n").map((indented): readonly Span[] => {
    const line = indented.slice(2);
    const [label = ""] =
      /^ {0,2}(?:error|warning|info|why|fix|evidence|code|contrast) {2,}/.exec(line) ?? [];
    const isSeverity = label.trim() === finding.severity;
    return [
      [label, isSeverity ? STYLES[finding.severity] : "key"],
      [line.slice(label.length), isSeverity ? "focus" : "text"],
    ];
  });
}

const STYLES = { error: "error", warning: "warning", info: "event" } as const;

/** Breaks text at spaces into lines of at most `width` code units; a longer word is cut. */
export function wrap(text: string, width: number): readonly string[] {
  if (width < 8) return [text];
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const end = space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(space > 0 ? end + 1 : end);
  }
  return [...lines, rest];
}
