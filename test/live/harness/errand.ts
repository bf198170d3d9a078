import { text } from "node:stream/consumers";
import { type Conversation, converse } from "./converse.ts";
import { encounter, type Meeting, type Seen } from "./encounter.ts";
import { forward } from "./forward.ts";

/** What a process in another place is sent to do. `forward` goes on until it is killed. */
export type Errand =
  | { readonly kind: "forward"; readonly port: number; readonly host: string }
  | { readonly kind: "converse"; readonly conversations: readonly Conversation[] }
  | {
      readonly kind: "encounter";
      readonly url: string;
      readonly cases: readonly (readonly Meeting[])[];
    }
  | { readonly kind: "post"; readonly url: string; readonly token: string; readonly body: unknown };

// The whole program: one errand on the standard input, what came of it on the standard output.
const errand: Errand = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await run(errand)));

async function run(task: Errand): Promise<unknown> {
  if (task.kind === "converse") return converse(task.conversations);
  if (task.kind === "forward") return forward(task);
  if (task.kind === "encounter") {
    const seen: (readonly Seen[])[] = [];
    for (const meetings of task.cases) seen.push(await encounter(task.url, meetings));
    return seen;
  }
  const response = await fetch(task.url, {
    method: "POST",
    headers: { authorization: `Bearer ${task.token}`, "content-type": "application/json" },
    body: JSON.stringify(task.body),
  });
  return { status: response.status, body: await response.json() };
}
