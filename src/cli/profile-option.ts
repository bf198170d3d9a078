import type { Option } from "commander";
import { measuredProfile, readProfileFile } from "../gateway/measured-profiles.ts";
import type { Profile } from "../gateway/profile.ts";
import { repeatable } from "./repeatable.ts";

/** What every command takes that applies rules. */
export interface ProfileOptions {
  readonly profile: readonly string[];
}

/** `--profile <file>`: the rules of a version that gw-trace does not know, or knows otherwise. */
export function profileOption(): Option {
  return repeatable("--profile <file>", "rules that count for their version: gw-trace probe -o");
}

/**
 * Reads the profiles that were given.
 * @throws {GwTraceError} USAGE
 */
export function readProfiles({ profile }: ProfileOptions): readonly Profile[] {
  return profile.map(readProfileFile);
}

/**
 * Reads a profile by the version that was measured, or from a file.
 * @throws {GwTraceError} USAGE
 */
export function readProfile(name: string): Profile {
  return measuredProfile(name) ?? readProfileFile(name);
}
