// One page of the machine's Chromium, without a sandbox of its own (tests run as root too) and without
// the browser's calls home.
import { createRequire } from "node:module";

const require = createRequire(process.env.PIER_BROWSER_MODULES + "/");
const { chromium } = require("playwright-core");

export async function withPage(work) {
  const browser = await chromium.launch({
    executablePath: process.env.PIER_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    const result = await work(page);
    if (problems.length > 0) {
      throw new Error("errors on the page: " + problems.join("; "));
    }
    process.stdout.write(JSON.stringify(result) + "\n");
  } finally {
    await browser.close();
  }
}
