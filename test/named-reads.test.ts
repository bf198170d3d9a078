import path from "node:path";
import { SyntaxKind, type Expression, type Node, type SourceFile } from "typescript/unstable/ast";
import { isBinaryExpression, isElementAccessExpression } from "typescript/unstable/ast/is";
import { API, TypeFlags } from "typescript/unstable/sync";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "..");

/** The one function that may do it: it asks `Object.hasOwn` first. */
const ALLOWED = ["src/gateway/json-object.ts: object[name]"];

interface Read {
  readonly file: SourceFile;
  readonly node: Node;
  readonly key: Expression;
}

/** Every `object[key]` and `key in object` of a file. */
function readsOf(file: SourceFile): readonly Read[] {
  const reads: Read[] = [];
  const visit = (node: Node): void => {
    if (isElementAccessExpression(node)) reads.push({ file, node, key: node.argumentExpression });
    if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.InKeyword)
      reads.push({ file, node, key: node.left });
    node.forEachChild(visit);
  };
  visit(file);
  return reads;
}

/*
 * A name from the wire may be `constructor` or `__proto__`, and every plain object has those. So nothing in src/ reads a field by a name
 * whose type is `string`: `ownField` does it, or a Map. Names of a closed union of literals are fine, and so are numbers.
 */
test("no field is read by a name that could be any text", () => {
  const api = new API({ cwd: ROOT });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [path.join(ROOT, "tsconfig.json")] });
    const [project] = snapshot.getProjects();
    if (project === undefined) throw new Error("tsconfig.json names no project");
    const { checker, program } = project;
    const reads = program
      .getSourceFileNames()
      .filter((name) => name.startsWith(path.join(ROOT, "src/")))
      .flatMap((name) => readsOf(program.getSourceFile(name) ?? never(name)));
    const types = checker.getTypeAtLocation(reads.map(({ key }) => key));
    const open = reads
      .filter((_, index) => ((types[index]?.flags ?? 0) & (TypeFlags.String | TypeFlags.Any)) !== 0)
      .map(({ file, node }) => `${path.relative(ROOT, file.fileName)}: ${node.getText(file)}`);
    expect(open).toEqual(ALLOWED);
    expect(reads.length).toBeGreaterThan(500);
  } finally {
    api.close();
  }
});

function never(name: string): never {
  throw new Error(`${name} has no source`);
}
