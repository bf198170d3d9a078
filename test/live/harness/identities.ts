/** Every operator scope there is in 2026.5.4. */
export const ALL_SCOPES: readonly string[] = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];

/** Enough to look. */
export const READ: readonly string[] = ["operator.read"];

/** Enough to look and to run an agent. */
export const READ_WRITE: readonly string[] = ["operator.read", "operator.write"];

/** How the Gateway calls itself. */
export const BACKEND = { id: "gateway-client", mode: "backend" };

/** How OpenClaw's own CLI connects. */
export const CLI = { id: "cli", mode: "cli" };
