import { text } from "node:stream/consumers";
import { type Conversation, converse } from "./converse.ts";
import { forward } from "./forward.ts";

/** What a process in another place is sent to do. `forward` goes on until it is killed. */
export type Errand =
  | { readonly kind: "forward"; readonly port: number; readonly host: string }
  | { readonly kind: "converse"; readonly conversations: readonly Conversation[] }
  | { readonly kind: "post"; readonly url: string; readonly token: string; readonly body: unknown };

// The whole program: one errand on the standard input, what came of it on the standard output.
const errand: Errand = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await run(errand)));

async function run(task: Errand): Promise<unknown> {
  if (task.kind === "converse") return converse(task.conversations);
  if (task.kind === "forward") return forward(task);
  const response = await fetch(task.url, {
    method: "POST",
    headers: { authorization: `Bearer ${task.token}`, "content-type": "application/json" },
    body: JSON.stringify(task.body),
  });
  return { status: response.status, body: await response.json() };
}
