import stringWidth from "string-width";
import { escapeCodePoint, toPrintableRuns } from "../../views/printable.ts";

/** What one or two neighbouring cells show. `escaped` marks a piece of a visible escape. */
export interface Cluster {
  readonly text: string;
  readonly width: 1 | 2;
  readonly escaped: boolean;
}

/** Which characters may reach the terminal as they are; in `ascii` all others show as escapes. */
export type Charset = "unicode" | "ascii";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

// Terminals disagree about these; two columns are reserved for each, whatever a terminal makes of it.
const EMOJI = /\p{Emoji_Presentation}|\ufe0f|\u200d|\p{Regional_Indicator}/u;

const MAX_CLUSTER_UNITS = 24;

/** Untrusted text as safe clusters that fill at most `maxWidth` columns. Looks no further into the text than can be shown. */
export function toClusters(text: string, maxWidth: number, charset: Charset): readonly Cluster[] {
  const clusters: Cluster[] = [];
  let used = 0;
  for (const cluster of clustersOf(text.slice(0, maxWidth * MAX_CLUSTER_UNITS), charset)) {
    if (used + cluster.width > maxWidth) break;
    clusters.push(cluster);
    used += cluster.width;
  }
  return clusters;
}

function* clustersOf(text: string, charset: Charset): Generator<Cluster> {
  for (const run of toPrintableRuns(text)) {
    if (run.escaped) yield* escapeClusters(run.text);
    else
      for (const { segment } of segmenter.segment(run.text))
        yield* segmentClusters(segment, charset);
  }
}

function* segmentClusters(segment: string, charset: Charset): Generator<Cluster> {
  if (segment >= " " && segment <= "~" && segment.length === 1) {
    yield { text: segment, width: 1, escaped: false };
    return;
  }
  const width = EMOJI.test(segment) ? 2 : stringWidth(segment);
  const fits = (width === 1 || width === 2) && segment.length <= MAX_CLUSTER_UNITS;
  if (charset === "unicode" && fits) yield { text: segment, width, escaped: false };
  else
    for (const character of segment)
      if (character >= " " && character <= "~") yield { text: character, width: 1, escaped: false };
      else yield* escapeClusters(escapeCodePoint(character));
}

function* escapeClusters(escape: string): Generator<Cluster> {
  for (const character of escape) yield { text: character, width: 1, escaped: true };
}
