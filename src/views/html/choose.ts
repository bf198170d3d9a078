import type { Finding } from "../../findings/finding.ts";
import { BOUNDS } from "./bounds.ts";

/** Evidence beyond so many entries of one finding is counted, not shown; as in the text reports. */
export const MAX_EVIDENCE = 12;

/** The entries of that recording that the findings on the page link to. */
export function chooseEvidence(
  recording: string,
  findings: readonly Finding[],
): ReadonlySet<number> {
  return new Set(
    findings
      .slice(0, BOUNDS.findings)
      .flatMap(({ recording: own, evidence, contrast }) => [
        ...(own === recording ? evidence.slice(0, MAX_EVIDENCE) : []),
        ...(contrast?.recording === recording ? contrast.evidence.slice(0, MAX_EVIDENCE) : []),
      ]),
  );
}

/** How many of `total` each one gets that wants so many: those that want little get it all, the others the same. */
export function shareFairly(
  wants: ReadonlyMap<number, number>,
  total: number,
): Map<number, number> {
  const shares = new Map<number, number>();
  let left = total;
  let others = wants.size;
  for (const [id, want] of [...wants].toSorted(([, one], [, other]) => one - other)) {
    const share = Math.min(want, Math.floor(left / others));
    shares.set(id, share);
    left -= share;
    others -= 1;
  }
  return shares;
}
