import { readFileSync } from "node:fs";

interface PackageManifest {
  readonly version: string;
}

function readManifest(): PackageManifest {
  // package.json is one folder up both from src/ and from dist/.
  const manifest: PackageManifest = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return manifest;
}

/** The version of gw-trace itself, as in its package.json. */
export const TOOL_VERSION: string = readManifest().version;
