/**
 * Reads a TLS certificate's SHA-256 fingerprint as OpenClaw does (`gateway.remote.tlsFingerprint`, `--tls-fingerprint`): 64 hex digits
 * or 32 pairs with colons between, either letter case, with or without `sha256:` before. Gives lower-case hex; null when it is none.
 */
export function parseTlsFingerprint(text: string): string | null {
  const value = text.trim().replace(/^sha256:/i, "");
  if (/^[a-f0-9]{64}$/i.test(value)) return value.toLowerCase();
  return /^(?:[a-f0-9]{2}:){31}[a-f0-9]{2}$/i.test(value)
    ? value.replaceAll(":", "").toLowerCase()
    : null;
}
