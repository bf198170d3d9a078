export { GwTraceError, type GwTraceErrorCode } from "./errors.ts";
export { CATALOGUE, type FindingCode } from "./findings/catalogue.ts";
export { diagnose } from "./findings/diagnose.ts";
export type { Contrast, Difference, Finding } from "./findings/finding.ts";
export type { Severity } from "./findings/catalogue.ts";
export { diffProfiles, type ProfileDiff } from "./gateway/diff-profiles.ts";
export { measuredProfile, measuredVersions, readProfileFile } from "./gateway/measured-profiles.ts";
export { parseProfile, type Profile } from "./gateway/profile.ts";
export { rulesFor, type Rules } from "./gateway/rules.ts";
export type { ProbedProfile } from "./probe/build-profile.ts";
export { probeProfile, type ProbeOptions } from "./probe/probe.ts";
export type { Entry, NewEntry, NewRecordingHeader, RecordingHeader } from "./recording/entry.ts";
export {
  findRecordings,
  recordingsFolder,
  resolveRecording,
  type FoundRecording,
} from "./recording/locate.ts";
export { openRecording, openRecordingBytes, type RecordingReader } from "./recording/reader.ts";
export {
  createRecording,
  type ClosedRecording,
  type RecordingWriter,
  type WriterOptions,
} from "./recorder/writer.ts";
export { buildScript } from "./replay/script/build-script.ts";
export {
  playClient,
  type PlayedClientOptions,
  type PlayedClients,
} from "./replay/client/play-client.ts";
export { startReplayedGateway } from "./replay/serve/gateway-server.ts";
export type { ReplayedGateway, ReplayedGatewayOptions } from "./replay/serve/replayed-gateway.ts";
export type { Script } from "./replay/script/script.ts";
export type { Verdict } from "./replay/verdict/verdict.ts";
export { startRecordSession, type RecordSession, type SessionOptions } from "./tap/session.ts";
export type { Connection, Rpc, ScopeSets, Trace } from "./trace/model.ts";
export { readTrace } from "./trace/read.ts";
export { renderMarkdownReport, type Evidence } from "./views/report-markdown.ts";
export { buildShowJson } from "./views/show-json.ts";
export { renderShow } from "./views/show.ts";
export { PLAIN_STYLE, type Style } from "./views/style.ts";
