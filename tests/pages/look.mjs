// Pictures of the pages, to be looked at: `node look.mjs CHROMIUM FOLDER OUT`.
import { chromium } from "playwright-core";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

export const views = [
  { name: "light", width: 1280, height: 900, scheme: "light" },
  { name: "dark", width: 1280, height: 900, scheme: "dark" },
  { name: "narrow", width: 390, height: 844, scheme: "light" },
  { name: "print", width: 1100, height: 900, scheme: "light", media: "print" },
];

export async function pictures(browser, folder, out, pages = ["sample", "middle", "big", "none"]) {
  mkdirSync(out, { recursive: true });
  for (const page of pages) {
    for (const view of views) {
      // All of the big one on paper is a book.
      if (page === "big" && view.media) continue;
      const context = await browser.newContext({
        viewport: { width: view.width, height: view.height }, colorScheme: view.scheme, deviceScaleFactor: 1,
      });
      const tab = await context.newPage();
      await tab.goto(`file://${join(folder, `${page}.html`)}`);
      if (view.media) await tab.emulateMedia({ media: view.media });
      // Rows that are not in view are not drawn.
      const height = await tab.evaluate(() => document.documentElement.scrollHeight);
      if (page !== "big") await tab.setViewportSize({ width: view.width, height: Math.min(height, 12_000) });
      await tab.screenshot({ path: join(out, `${page}-${view.name}.png`), fullPage: page !== "big" });
      if (page === "big") {
        await tab.evaluate(() => document.getElementById("clusters").scrollIntoView());
        await tab.screenshot({ path: join(out, `${page}-map-${view.name}.png`) });
      }
      await context.close();
    }
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [executablePath, folder, out] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  await pictures(browser, folder, out);
  await browser.close();
}
