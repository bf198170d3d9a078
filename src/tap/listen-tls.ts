import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { GwTraceError } from "../errors.ts";
import { certificateFingerprint } from "./certificate.ts";
import type { KeyPair } from "./certificate.ts";

/** What a tap needs to receive clients over TLS. */
export interface ListenTls {
  readonly context: SecureContext;
  /** The certificate's SHA-256, as clients pin it. */
  readonly fingerprint: string;
}

/**
 * Makes a certificate and its key ready for listening.
 * @throws {GwTraceError} USAGE
 */
export function createListenTls({ cert, key }: KeyPair): ListenTls {
  try {
    return {
      context: createSecureContext({ cert, key, minVersion: "TLSv1.2" }),
      fingerprint: certificateFingerprint(cert),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GwTraceError(
      "USAGE",
      `the certificate and key cannot be used: ${reason}`,
      "Give both in PEM form and belonging together, or let --tls make a pair.",
      { cause },
    );
  }
}
