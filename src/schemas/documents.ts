import type { z } from "zod";
import { checkDocument } from "./check.ts";
import { diffDocument } from "./diff.ts";
import { doctorDocument } from "./doctor.ts";
import { findingsDocument } from "./finding.ts";
import { infoDocument, lsDocument, pruneDocument, verifyDocument } from "./keeping.ts";
import {
  cutDocument,
  importDocument,
  mergeDocument,
  minimizeDocument,
  scrubDocument,
} from "./making.ts";
import {
  probeDocument,
  profileDiffDocument,
  profileDocument,
  profileHistoryDocument,
  profileListDocument,
} from "./profile.ts";
import { recordLine } from "./record.ts";
import { replayDocument } from "./replay.ts";
import { showDocument } from "./show.ts";

/** The schema of what each command prints with `--json`; of each line, for `record`. A test names the commands that are missing. */
export const DOCUMENTS = {
  check: checkDocument,
  cut: cutDocument,
  diff: diffDocument,
  doctor: doctorDocument,
  findings: findingsDocument,
  import: importDocument,
  info: infoDocument,
  ls: lsDocument,
  merge: mergeDocument,
  minimize: minimizeDocument,
  probe: probeDocument,
  "profile diff": profileDiffDocument,
  "profile history": profileHistoryDocument,
  "profile ls": profileListDocument,
  "profile show": profileDocument,
  prune: pruneDocument,
  record: recordLine,
  replay: replayDocument,
  scrub: scrubDocument,
  show: showDocument,
  verify: verifyDocument,
} as const satisfies Record<string, z.ZodType>;
