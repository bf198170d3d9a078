import { installNodes } from "../live/harness/install.ts";

/** Puts the versions of Node into the cache before the first test, when they are not there yet. */
export async function setup(): Promise<void> {
  await installNodes((line) => process.stderr.write(`${line}\n`));
}
