import { readdirSync, readFileSync } from "node:fs";
import { GwTraceError } from "../errors.ts";
import { parseProfile, type Profile } from "./profile.ts";

/** One file a version, named after it: to add a version is to add its file. */
const FOLDER = new URL("./profiles/", import.meta.url);
const ENDING = ".json";

let versions: readonly string[] | null = null;
const profiles = new Map<string, Profile>();

/** The versions whose rules come with gw-trace, oldest first. */
export function measuredVersions(): readonly string[] {
  versions ??= readdirSync(FOLDER)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .toSorted(compareVersions);
  return versions;
}

/** The profile of a measured version; null for any other. Read when it is first asked for. */
export function measuredProfile(version: string): Profile | null {
  const known = profiles.get(version);
  if (known !== undefined) return known;
  if (!measuredVersions().includes(version)) return null;
  const text = readFileSync(new URL(`${version}${ENDING}`, FOLDER), "utf8");
  const parsed = parseProfile(text, measuredProfile);
  if (!parsed.ok) throw new TypeError(`the profile of ${version} cannot be read: ${parsed.reason}`);
  profiles.set(version, parsed.profile);
  return parsed.profile;
}

/** The profiles of all measured versions, oldest first. */
export function measuredProfiles(): readonly Profile[] {
  return measuredVersions()
    .map(measuredProfile)
    .filter((profile) => profile !== null);
}

/**
 * Reads a profile from a file, as `gw-trace probe -o` writes it.
 * @throws {GwTraceError} USAGE
 */
export function readProfileFile(path: string): Profile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const why = "there is no such file, and no version of that name was measured";
    throw noProfile(path, why, error);
  }
  const parsed = parseProfile(text, measuredProfile);
  if (parsed.ok) return parsed.profile;
  throw noProfile(path, parsed.reason);
}

function noProfile(name: string, why: string, cause?: unknown): GwTraceError {
  return new GwTraceError(
    "USAGE",
    `${name} is no profile: ${why}`,
    `Name one of ${measuredVersions().join(", ")}, or a file that gw-trace probe wrote.`,
    { cause },
  );
}

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
