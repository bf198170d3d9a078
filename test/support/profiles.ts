import { measuredProfiles } from "../../src/gateway/measured-profiles.ts";
import type { Profile } from "../../src/gateway/profile.ts";
import { rulesFor } from "../../src/gateway/rules.ts";

/** The profiles of all measured versions, oldest first. */
export const PROFILES: readonly Profile[] = measuredProfiles();

/** What is known of a version. */
export function profileFor(version: string | null): Profile {
  return rulesFor(version).profile;
}
