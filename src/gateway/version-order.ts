/** Puts versions in order, as for `toSorted`: `2026.5.4-beta.1`, `2026.5.4`, `2026.5.4-1`. */
export function compareVersions(left: string, right: string): number {
  const [one, other] = [numbersOf(left), numbersOf(right)];
  for (let index = 0; index < 4; index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left === right ? 0 : left < right ? -1 : 1;
}

/** True for a text that says which release it is. */
export function isVersion(text: string): boolean {
  return /^\d{4}\.\d+\.\d+(?:-[\w.-]+)?$/.test(text);
}

// A number after the dash is a later build of that release, a word an earlier one.
function numbersOf(version: string): readonly number[] {
  const [release = "", build] = version.split(/-(.*)/s);
  const numbers = release.split(".").map(Number);
  if (build === undefined) return numbers;
  return [...numbers, /^\d+$/.test(build) ? Number(build) : -1];
}
