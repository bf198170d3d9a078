import { parse, parseFragment, type DefaultTreeAdapterTypes } from "parse5";

type Node = DefaultTreeAdapterTypes.Node;
/** An element as a browser's parser would see it. */
export type Element = DefaultTreeAdapterTypes.Element;

/** All elements of a page or of a piece of one, in the order of the document. */
export function elementsOf(page: string): readonly Element[] {
  const root = page.startsWith("<!doctype") ? parse(page) : parseFragment(page);
  return descend(root);
}

/** The elements of that name. */
export function named(elements: readonly Element[], tagName: string): readonly Element[] {
  return elements.filter((element) => element.tagName === tagName);
}

/** The value of an attribute; null when it is absent. */
export function attribute(element: Element, name: string): string | null {
  return element.attrs.find((attr) => attr.name === name)?.value ?? null;
}

/** The text of a node, with every run of blanks as one. */
export function textOf(node: Node): string {
  return rawTextOf(node).replaceAll(/\s+/g, " ").trim();
}

/** The elements below one, itself included. */
export function descend(node: Node): readonly Element[] {
  const children = "childNodes" in node ? node.childNodes.flatMap(descend) : [];
  return "tagName" in node ? [node, ...children] : children;
}

function rawTextOf(node: Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(rawTextOf).join("") : "";
}
