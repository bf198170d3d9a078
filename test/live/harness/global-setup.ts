import { installMissing } from "./install.ts";

/** Puts the pinned versions into the cache before the first live test, when they are not there yet. */
export async function setup(): Promise<void> {
  await installMissing((line) => process.stderr.write(`${line}\n`));
}
