/** What a command's help says of an argument that names one recording. */
export const RECORDING_HELP = "a path, a name, `last` for the newest, `-` for standard input";

/** What a command's help says of an argument that names recordings. */
export const RECORDINGS_HELP = "paths, names, `last` for the newest, `-` for standard input";
