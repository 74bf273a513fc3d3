// node lighthouse.mjs ADDRESS CHROMIUM: four pages as Lighthouse's phone loads them (a slow phone on slow 4G, imitated),
// each with an empty cache, one line of JSON a page. Run by `python -m benchmarks.lighthouse`, which brings the modules.
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const [base, executablePath] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--lang=zh-CN"] });
const page = await browser.newPage();
page.setDefaultTimeout(120_000); // a busy machine measures badly, but it measures
await page.setExtraHTTPHeaders({ "Accept-Language": "zh-CN" });

const measure = async (name, path) => {
  const options = { onlyCategories: ["performance", "accessibility", "best-practices"], logLevel: "error" };
  let lhr;
  for (let tries = 0; !lhr || lhr.runtimeError; tries++) { // Chromium's trace is now and then without its beginning
    if (tries === 3) throw new Error(lhr.runtimeError.message);
    ({ lhr } = await lighthouse(base + path, options, undefined, page));
  }
  const found = Object.values(lhr.categories).flatMap((each) => each.auditRefs).filter((ref) => ref.weight > 0)
    .map((ref) => lhr.audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 0.9)
    .map((audit) => `${audit.id}: ${audit.displayValue || audit.details?.items?.[0]?.node?.explanation || audit.title}`);
  console.log(JSON.stringify({
    name,
    scores: Object.values(lhr.categories).map((each) => Math.round(each.score * 100)),
    times: ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time"]
      .map((id) => Math.round(lhr.audits[id].numericValue)),
    shift: lhr.audits["cumulative-layout-shift"].numericValue,
    found: [...new Set(found)],
  }));
};

await measure("sign-in", "/login");
await page.goto(`${base}/login`);
await page.type("#username", "officer");
await page.type("#password", "demo");
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
await measure("today", "/");
await page.goto(`${base}/firms/`);
const firm = await page.$eval("#firms-list a:has(strong)", (link) => link.pathname.split("/")[2]);
await measure("visit form", `/visits/new?firm_id=${firm}`);
await page.goto(`${base}/issues/`);
await measure("issue", await page.$eval(".main-cell a", (link) => link.pathname));
await browser.close();
