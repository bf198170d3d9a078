export { checkDocument } from "./schemas/check.ts";
export { connectionSchema } from "./schemas/connection.ts";
export { diffDocument } from "./schemas/diff.ts";
export { doctorDocument } from "./schemas/doctor.ts";
export { DOCUMENTS } from "./schemas/documents.ts";
export { errorDocument } from "./schemas/error.ts";
export { findingSchema, findingsDocument } from "./schemas/finding.ts";
export { infoDocument, lsDocument, pruneDocument, verifyDocument } from "./schemas/keeping.ts";
export {
  cutDocument,
  importDocument,
  mergeDocument,
  minimizeDocument,
  scrubDocument,
} from "./schemas/making.ts";
export { probeDocument, profileDiffDocument, profileDocument } from "./schemas/profile.ts";
export { recordLine } from "./schemas/record.ts";
export { recordingHeaderSchema, writtenRecordingSchema } from "./schemas/recording.ts";
export { replayDocument } from "./schemas/replay.ts";
export { showDocument } from "./schemas/show.ts";
