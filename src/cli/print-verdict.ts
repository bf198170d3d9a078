import {
  renderReplayVerdict,
  renderReplayVerdictJson,
  renderReplayVerdictMarkdown,
} from "../replay/verdict/render-verdict.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import { styleFor } from "./output.ts";

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
  if (json === true) process.stdout.write(renderReplayVerdictJson(verdict));
  else if (format === "markdown") stream.write(renderReplayVerdictMarkdown(verdict));
  else stream.write(renderReplayVerdict(verdict, styleFor(stream, process.env)));
}
