import { text } from "node:stream/consumers";
import { type Conversation, converse } from "./converse.ts";

/** What a process in another place is sent to do. */
export type Errand =
  | { readonly kind: "converse"; readonly conversation: Conversation }
  | { readonly kind: "post"; readonly url: string; readonly token: string; readonly body: unknown };

// The whole program: one errand on the standard input, what came of it on the standard output.
const errand: Errand = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await run(errand)));

async function run(task: Errand): Promise<unknown> {
  if (task.kind === "converse") return converse(task.conversation);
  const response = await fetch(task.url, {
    method: "POST",
    headers: { authorization: `Bearer ${task.token}`, "content-type": "application/json" },
    body: JSON.stringify(task.body),
  });
  return { status: response.status, body: await response.json() };
}
