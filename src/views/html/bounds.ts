/** How much of a recording a page shows. What is beyond is counted on the page, so that it stays a few megabytes whatever was recorded. */
export const BOUNDS = {
  /** Findings told in full, of all recordings together. */
  findings: 100,
  /** Connections with a row in the scope table, by recording. */
  tableRows: 500,
  /** Connections with a ladder of their own, by recording. */
  connections: 100,
  /** Calls in the table that failed, and as many that did not. */
  calls: 100,
  /** Frames that tell what went wrong: refusals, ends, gaps. By recording, like the two below. */
  notableFrames: 600,
  /** All other frames. */
  otherFrames: 900,
  /** Characters of frames that can be unfolded; evidence has as many for itself. */
  frameCharacters: 1_000_000,
  /** Characters of one frame. */
  oneFrame: 30_000,
  /** Characters of one text, in a frame and elsewhere. */
  oneText: 2000,
  /** Scopes of one connection that have a row. */
  scopes: 50,
  /** Of what a step can be filtered by: characters of a text, and elements of a list. */
  factCharacters: 120,
  factElements: 20,
} as const;
