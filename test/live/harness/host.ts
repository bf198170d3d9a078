import type { Place } from "./place.ts";
import { freePort } from "./ports.ts";

/** This machine as it is: commands run unchanged, ports are free ones. */
export const host: Place = {
  wrap: (command) => command,
  gatewayPort: freePort,
  tapPort: freePort,
};
