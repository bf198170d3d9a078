import { closest, distance } from "fastest-levenshtein";
import { usageError, type GwTraceError } from "../errors.ts";

/** The error for a first word that is no command. */
export function unknownCommand(word: string, commands: readonly string[]): GwTraceError {
  return usageError(
    `unknown command '${word}'`,
    `${didYouMean(word, commands)}gw-trace --help lists what there is.`,
  );
}

/** Commander's own words, with its suggestion for the nearest name, or ours for the nearest choice. */
export function misuseError(text: string, path: string): GwTraceError {
  const [problem = "", suggestion] = text.trim().split("\n");
  const message = problem.replace(/^error: /, "").replace(/\.$/, "");
  const [, given, choices] = /argument '(.*)' is invalid\. Allowed choices are (.*)$/.exec(message) ?? [];
  const hint =
    given === undefined || choices === undefined
      ? (suggestion?.replace(/^\((.*)\)$/, "$1 ") ?? "")
      : didYouMean(given, choices.split(", "));
  return usageError(message, `${hint}${path} --help lists what there is.`);
} // prettier-ignore

// Further away than half of what was typed, it is no slip of the finger.
function didYouMean(word: string, words: readonly string[]): string {
  const nearest = closest(word, words);
  return distance(word, nearest) <= Math.max(2, word.length / 2) ? `Did you mean ${nearest}? ` : "";
}
