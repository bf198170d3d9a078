import { isLoopbackAddress } from "../gateway/address.ts";
import { explainLocalityChange } from "../gateway/locality.ts";
import type { Trace } from "../trace/model.ts";
import type { FindingDraft } from "./rule.ts";

const MAX_EVIDENCE = 20;

/** A tap that made its clients look local, or remote, to the Gateway: then grants and refusals may be the tap's doing. */
export function diagnoseLocality({ recording, connections }: Trace): readonly FindingDraft[] {
  const change = recording.header.localityChange;
  if (change === null) return [];
  const looksLocal = change === "remote-becomes-local";
  const affected = connections.filter(
    ({ clientAddress, peerIsLoopback }) =>
      peerIsLoopback === looksLocal && isLoopbackAddress(clientAddress) !== looksLocal,
  );
  return [
    {
      code: "tap-changes-locality",
      title: `gw-trace itself makes ${looksLocal ? "remote clients look local" : "local clients look remote"} to the Gateway`,
      why: `In this recording ${explainLocalityChange(change)}. ${affected.length} of ${connections.length} connections are judged differently for it.`,
      fix: looksLocal
        ? "Record on the client's machine, or bind the upstream side with --source to an address that is not loopback."
        : "Record on the Gateway's machine before its loopback address, or bind the upstream side with --source 127.0.0.1.",
      evidence: affected.slice(0, MAX_EVIDENCE).map(({ openedEntry }) => openedEntry),
    },
  ];
}
