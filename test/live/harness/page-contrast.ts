/// <reference lib="dom" />
// Parts of this file run in the browser.
import type { Page } from "playwright-core";

/** A text that is hard to read: what it says, and the contrast it has (WCAG 2.2, relative luminance). */
export interface FaintText {
  readonly text: string;
  readonly contrast: number;
}

/** Every visible text of the page whose contrast with what is behind it is below 4.5 to 1. */
export function findFaintTexts(page: Page): Promise<readonly FaintText[]> {
  return page.evaluate(() => {
    const parse = (color: string): readonly number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([red = 0, green = 0, blue = 0]: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const backgroundOf = (element: Element | null): readonly number[] => {
      if (element === null) return [255, 255, 255];
      const color = parse(getComputedStyle(element).backgroundColor);
      return color[3] === 0 ? backgroundOf(element.parentElement) : color;
    };
    const faint: FaintText[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (element === null || text === "" || !element.checkVisibility()) continue;
      if (element.closest("script, style") !== null) continue;
      const style = getComputedStyle(element);
      const front = luminance(parse(element.closest("svg") === null ? style.color : style.fill));
      const back = luminance(backgroundOf(element));
      const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      if (contrast < 4.5) faint.push({ text, contrast });
    }
    return faint;
  });
}
