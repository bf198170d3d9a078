/** Every way in which gw-trace itself can fail. What the traced program did wrong is a `Finding`, never one of these. */
export type GwTraceErrorCode =
  | "ADDRESS_INVALID"
  | "COMMAND_FAILED_TO_START"
  | "GATEWAY_REFUSED"
  | "GATEWAY_UNREACHABLE"
  | "NOT_A_RECORDING"
  | "NO_TERMINAL"
  | "PACKAGE_MISSING"
  | "PORT_IN_USE"
  | "PROBE_UNSAFE"
  | "RECEIVER_FAILED"
  | "RECORDING_EMPTY"
  | "RECORDING_EXISTS"
  | "RECORDING_FROM_THE_FUTURE"
  | "RECORDING_NOT_FOUND"
  | "RECORDING_TOO_LARGE"
  | "REMOTE_NOT_ALLOWED"
  | "URL_INVALID"
  | "USAGE"
  | "WRITE_FAILED";

/** What gw-trace could not do: one sentence with the value in it, and one imperative sentence that says what to do. */
export class GwTraceError extends Error {
  override readonly name = "GwTraceError";
  readonly code: GwTraceErrorCode;
  readonly hint: string;

  constructor(
    code: GwTraceErrorCode,
    message: string,
    hint: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** The error for what a user asked in a way that cannot be done. */
export function usageError(
  message: string,
  hint: string,
  options: { readonly cause?: unknown } = {},
): GwTraceError {
  return new GwTraceError("USAGE", message, hint, options);
}

/** What the system calls an error, such as `ENOENT`; else the error in words. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
