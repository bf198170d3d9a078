import { host } from "./host.ts";
import { createNamespace } from "./namespace.ts";
import type { Place } from "./place.ts";

/** Where a test file plays its scenarios. */
export interface Chosen extends AsyncDisposable {
  readonly place: Place;
  /** Why tests that need a namespace have to be skipped; null when there is one. */
  readonly whyNoNamespace: string | null;
}

/** A namespace where one can be made, since nothing gets out of it; else this machine as it is, and it says why. */
export async function choosePlace(): Promise<Chosen> {
  const namespace = await createNamespace();
  if (!("whyNot" in namespace)) {
    return {
      place: namespace,
      whyNoNamespace: null,
      [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
    };
  }
  process.stderr.write(`Scenarios that need a namespace are skipped: ${namespace.whyNot}\n`);
  return {
    place: host,
    whyNoNamespace: namespace.whyNot,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
