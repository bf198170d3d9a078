import { hostOf } from "../../gateway/address.ts";
import type { Entry } from "../../recording/entry.ts";

/** The peer that a recorded Gateway saw, when all its connections came from the same one. */
export function recordedPeer(entries: readonly Entry[]): string | null {
  const peers = new Set(
    entries.flatMap((entry) =>
      entry.kind === "opened" && entry.peerAddress !== null ? [hostOf(entry.peerAddress)] : [],
    ),
  );
  const [only = null] = peers;
  return peers.size === 1 ? only : null;
}
