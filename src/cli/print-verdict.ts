import {
  renderReplayVerdict,
  renderReplayVerdictMarkdown,
} from "../replay/verdict/render-verdict.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import { print, renderJson, styleFor, tell } from "./output.ts";

/** True when nothing failed that was recorded or asked, or what had failed does not any more. */
export function isGood({ outcome }: Verdict): boolean {
  return outcome === "unchanged" || outcome === "fixed";
}

/** Prints a verdict as was asked for; a JSON document is always on standard output. */
export function printVerdict(
  verdict: Verdict,
  { json, format }: { readonly json?: true; readonly format: "text" | "markdown" },
  stream: NodeJS.WriteStream = process.stdout,
): void {
  const write = stream === process.stderr ? tell : print;
  if (json === true) print(renderJson(verdict));
  else if (format === "markdown") write(renderReplayVerdictMarkdown(verdict));
  else write(renderReplayVerdict(verdict, styleFor(stream, process.env)));
}
