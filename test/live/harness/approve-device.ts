import { z } from "zod";
import type { Gateway } from "./gateway.ts";
import { runCli } from "./openclaw-cli.ts";

const listSchema = z.looseObject({
  pending: z.array(z.looseObject({ requestId: z.string(), deviceId: z.string() })),
});

/** Approves a device that asked, as its owner does. Where the CLI itself is not let in, it reads and writes the files of the Gateway. */
export async function approveDevice(gateway: Gateway, deviceId: string): Promise<void> {
  const listed = await runCli(gateway, ["devices", "list", "--json"]);
  const { pending } = listSchema.parse(JSON.parse(listed.stdout));
  const requestId = pending.find((request) => request.deviceId === deviceId)?.requestId;
  if (requestId === undefined) throw new Error(`${deviceId} does not wait: ${listed.stdout}`);
  const approved = await runCli(gateway, ["devices", "approve", requestId]);
  if (approved.code !== 0) throw new Error(`${deviceId} was not approved: ${approved.stderr}`);
}
