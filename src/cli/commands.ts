import type { LazyCommands } from "./lazy-command.ts";

/** Every command. Each's own module is loaded only when it is asked for, so that starting stays cheap. */
export const COMMANDS: LazyCommands = {
  record: {
    summary: "record the traffic between clients and a Gateway",
    load: async () => (await import("./record.ts")).recordCommand(),
  },
  show: {
    summary: "show connections, scopes, calls and findings of recordings",
    load: async () => (await import("./show.ts")).showCommand(),
  },
  explain: {
    summary: "tell the story of a connection or a call in plain sentences",
    load: async () => (await import("./explain.ts")).explainCommand(),
  },
  report: {
    summary: "write Markdown to paste into an issue, or an HTML page to attach to it",
    load: async () => (await import("./report.ts")).reportCommand(),
  },
  tui: {
    summary: "look at a recording in the terminal, also while it is written",
    load: async () => (await import("./tui.ts")).tuiCommand(),
  },
  replay: {
    summary: "play the Gateway of a recording to a client, or its clients to a Gateway",
    load: async () => (await import("./replay.ts")).replayCommand(),
  },
  check: {
    summary: "fail when recordings show what they should not, for CI",
    load: async () => (await import("./check.ts")).checkCommand(),
  },
  diff: {
    summary: "compare two recordings by connection and call",
    load: async () => (await import("./diff.ts")).diffCommand(),
  },
  probe: {
    summary: "ask a live Gateway which scope each method needs, and change nothing",
    load: async () => (await import("./probe.ts")).probeCommand(),
  },
  measure: {
    summary: "find the rules of an OpenClaw by what its Gateway does",
    load: async () => (await import("./measure.ts")).measureCommand(),
  },
  profile: {
    summary: "show what Gateway versions require, and what an upgrade changes",
    load: async () => (await import("./profile.ts")).profileCommand(),
  },
  import: {
    summary: "make a recording of a HAR, of JSON lines or of a packet capture",
    load: async () => (await import("./import.ts")).importCommand(),
  },
  export: {
    summary: "write recordings in another format, or send them as traces",
    load: async () => (await import("./export.ts")).exportCommand(),
  },
  scrub: {
    summary: "copy a recording without what it tells of anybody, or check that one does not",
    load: async () => (await import("./scrub.ts")).scrubCommand(),
  },
  minimize: {
    summary: "make the smallest recording that still shows a finding",
    load: async () => (await import("./minimize.ts")).minimizeCommand(),
  },
  merge: {
    summary: "make one recording of several",
    load: async () => (await import("./merge.ts")).mergeCommand(),
  },
  cut: {
    summary: "make a recording of a part of another",
    load: async () => (await import("./cut.ts")).cutCommand(),
  },
  info: {
    summary: "say what a recording is, without reading it all",
    load: async () => (await import("./info.ts")).infoCommand(),
  },
  verify: {
    summary: "read all of a recording and say what is damaged",
    load: async () => (await import("./verify.ts")).verifyCommand(),
  },
  prune: {
    summary: "delete old recordings",
    load: async () => (await import("./prune.ts")).pruneCommand(),
  },
  ls: {
    summary: "list the recordings found",
    load: async () => (await import("./ls.ts")).lsCommand(),
  },
  findings: {
    summary: "list every kind of finding",
    load: async () => (await import("./findings.ts")).findingsCommand(),
  },
  doctor: {
    summary: "say what this machine has that gw-trace needs, and what to do about what is missing",
    load: async () => (await import("./doctor.ts")).doctorCommand(),
  },
  completion: {
    summary: "print what makes a shell complete gw-trace's commands",
    load: async () => (await import("./completion.ts")).completionCommand(),
  },
  __complete: {
    summary: "answer a completion script",
    hidden: true,
    load: async () => (await import("./complete.ts")).completeCommand(COMMANDS),
  },
  demo: {
    summary: "tour the founding case from the recordings shipped, offline",
    load: async () => (await import("./demo.ts")).demoCommand(),
  },
};
