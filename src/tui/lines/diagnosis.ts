import type { Finding } from "../../findings/finding.ts";
import type { Span } from "../paint/canvas.ts";

/** One line of the diagnosis pane. */
export interface DiagnosisLine {
  readonly finding: number;
  /** Which line of its finding it is. */
  readonly line: number;
  readonly spans: readonly Span[];
}

const LABEL_WIDTH = 11;

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
  return [
    ...titleLines(finding, width),
    ...labelled("why", finding.why, width),
    ...labelled("fix", finding.fix, width),
    ...labelled("evidence", finding.evidence.map((entry) => `#${entry}`).join(" "), width),
    ...contrastLines(finding, width),
  ];
}

const MARKS = {
  error: ["! ERROR   ", "error"],
  warning: ["! WARNING ", "warning"],
  info: ["  INFO    ", "event"],
} as const;

function titleLines({ severity, connection, title }: Finding, width: number): readonly Span[][] {
  const [mark, style] = MARKS[severity];
  const where = connection === null ? "" : `c${connection}  `;
  return wrap(where + title, width - mark.length).map((text, index) => [
    [index === 0 ? mark : " ".repeat(mark.length), style],
    [text, "focus"],
  ]);
}

function contrastLines({ contrast }: Finding, width: number): readonly (readonly Span[])[] {
  if (contrast === null) return [];
  const { method, recording, connection, evidence, differences } = contrast;
  const where = `${method} succeeded on c${connection} of ${recording} (${evidence.map((entry) => `#${entry}`).join(" ")})`;
  return [
    ...labelled("contrast", where, width),
    ...differences.flatMap(({ field, failed, succeeded }) =>
      labelled("", `${field}: failed with ${failed}, succeeded with ${succeeded}`, width),
    ),
  ];
}

function labelled(label: string, text: string, width: number): readonly Span[][] {
  if (text === "") return [];
  return wrap(text, width - LABEL_WIDTH).map((part, index) => [
    [`  ${index === 0 ? label : ""}`.padEnd(LABEL_WIDTH), "key"],
    [part],
  ]);
}

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
