import { X509Certificate, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { parseTlsFingerprint } from "../gateway/config.ts";

/** A certificate and its private key, in PEM form. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 90;

// Object identifiers as DER: ecdsa-with-SHA256 (RFC 5758), and from RFC 5280 commonName, subjectAltName, extKeyUsage, serverAuth.
const ECDSA_WITH_SHA256 = "06082a8648ce3d040302";
const COMMON_NAME = "0603550403";
const SUBJECT_ALT_NAME = "0603551d11";
const EXTENDED_KEY_USAGE = "0603551d25";
const SERVER_AUTH = "06082b06010505070301";

/** Makes a key and a certificate signed with it (RFC 5280, section 4.1), for these names and addresses. */
export function createSelfSigned(hosts: readonly string[], now: Date): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(hex(ECDSA_WITH_SHA256));
  const name = sequence(tlv(0x31, sequence(hex(COMMON_NAME), tlv(0x0c, Buffer.from("gw-trace")))));
  const dayBefore = new Date(now.getTime() - DAY_MS);
  const end = new Date(now.getTime() + VALID_DAYS * DAY_MS);
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    // A positive number of eight bytes: the first bit is the sign.
    tlv(0x02, Buffer.concat([Buffer.of(1), randomBytes(7)])),
    algorithm,
    name,
    sequence(time(dayBefore), time(end)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(alternativeNames(hosts), serverOnly())),
  );
  const signature = Buffer.concat([Buffer.of(0), sign("sha256", body, privateKey)]);
  const certificate = sequence(body, algorithm, tlv(0x03, signature));
  return {
    cert: new X509Certificate(certificate).toString(),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** The SHA-256 fingerprint of the first certificate in a PEM text, as OpenClaw writes it. Throws when there is none. */
export function certificateFingerprint(pem: string): string {
  return parseTlsFingerprint(new X509Certificate(pem).fingerprint256) ?? "";
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) => {
    const address = addressBytes(host);
    return address === null ? tlv(0x82, Buffer.from(host)) : tlv(0x87, address);
  });
  return sequence(hex(SUBJECT_ALT_NAME), tlv(0x04, sequence(...names)));
}

function serverOnly(): Buffer {
  return sequence(hex(EXTENDED_KEY_USAGE), tlv(0x04, sequence(hex(SERVER_AUTH))));
}

function addressBytes(host: string): Buffer | null {
  if (isIPv4(host)) return Buffer.from(host.split(".").map(Number));
  return isIPv6(host) ? ipv6Bytes(host) : null;
}

function ipv6Bytes(host: string): Buffer {
  const [head = "", tail] = host.split("::");
  const groups = (text: string | undefined): number[] =>
    text ? text.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const before = groups(head);
  const after = groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const all = tail === undefined ? before : [...before, ...zeros, ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** UTCTime (RFC 5280, section 4.1.2.5.1), good until 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

/** Tag, length, value (X.690, section 8.1). */
function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size =
    length < 0x80
      ? Buffer.of(length)
      : length < 0x100
        ? Buffer.of(0x81, length)
        : Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.concat([Buffer.of(tag), size, value]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}
