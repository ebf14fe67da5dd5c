// Runs axe-core in a page. The script is evaluated by the test, so that the page's own policy stays as it is.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const AxeBuilder = {
  /** What breaks WCAG 2.2 AA on the page as it is shown. */
  async run(page) {
    await page.evaluate(source);
    const result = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: "tag", values: tags } }), rules);
    return result.violations;
  },
};
