// Drives the pages in Debian's Chromium: accessibility, languages, and the first ten minutes of an agent.
//
// usage: node check.mjs PATH-OF-docket-server

import { AxeBuilder } from "./axe.mjs";
import { inviteAdmin, startServer } from "./server.mjs";
import { chromium } from "playwright-core";

const program = process.argv[2];
let passed = 0;
const failures = [];

/** Runs one promise; a failure is kept and the others go on. */
async function promise(name, check) {
  try {
    await check();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failures.push(name);
    console.log(`FAIL ${name}\n     ${String(error.message).replaceAll("\n", "\n     ")}`);
  }
}

function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

const server = await startServer(program);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** A page that fails on anything the browser complains about, such as a breach of the content policy. */
async function open(options, path) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(error.message));
  await page.goto(server.url + path);
  return page;
}

const languages = { en: "en-GB", es: "es-ES" };
const paths = ["/queue?lane=new", "/queue?lane=open", "/queue?lane=pending", "/queue?lane=resolved", "/tickets/1",
  "/tickets/2", "/tickets/3", "/reports", "/tickets/999999"];

for (const [language, locale] of Object.entries(languages)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 320]) {
      await promise(`pages are accessible in ${language}, ${colorScheme}, ${width} px wide`, async () => {
        for (const path of paths) {
          const page = await open({ locale, colorScheme, viewport: { width, height: 900 } }, path);
          equal(await page.locator("html").getAttribute("lang"), language, `${path}: language`);
          const found = await AxeBuilder.run(page);
          const told = found.map((one) => `${path}: ${one.id}: ${one.help}: ${one.nodes[0].html}`);
          equal(told.join("\n"), "", "axe");
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          equal(overflow > 0, false, `${path}: wider than the window by ${overflow} px`);
          const missing = page.complaints.filter((text) => !(path.endsWith("999999") && text.includes("404")));
          equal(missing.join("\n"), "", `${path}: complaints`);
          await page.context().close();
        }
      });
    }
  }
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  await promise(`an agent takes, answers, notes and resolves a ticket ${how} JavaScript`, async () => {
    const number = await server.openTicket(`Playback stops ${how}`, "Every episode stops at 0:42.");
    const page = await open({ locale: "en-GB", javaScriptEnabled }, "/queue?lane=new");
    await page.goto(`${server.url}/tickets/${number}`);
    await page.locator(`form[action="/tickets/${number}/take"] button`).first().click();
    await submit(page, number, "reply", { body: "We are looking into it." });
    await page.locator("#write-note").check();
    await submit(page, number, "note", { body: "Same as last week." });
    equal(await page.getByText("We are looking into it.").count() > 0, true, "reply is shown");
    equal(await page.getByText("Same as last week.").count() > 0, true, "note is shown");
    const ticket = await server.ticket(number);
    equal(ticket.status, "open", "status");
    const resolve = page.locator(`form[action="/tickets/${number}/resolve"]`);
    await reveal(resolve);
    await resolve.locator("select[name=resolution]").selectOption("solved");
    await resolve.locator("button.primary").click();
    await page.waitForLoadState();
    equal((await server.ticket(number)).status, "resolved", "status at the end");
    equal(page.complaints.join("\n"), "", "complaints");
    await page.context().close();
  });
}

for (const [language, locale] of Object.entries(languages)) {
  for (const [javaScriptEnabled, width] of [[true, 1280], [false, 320]]) {
    const how = `in ${language}, ${width} px wide, ${javaScriptEnabled ? "with" : "without"} JavaScript`;
    await promise(`files come with a reply, and one that is not taken loses nothing, ${how}`, async () => {
      const number = await server.openTicket("Blurred", "See for yourself.");
      const page = await open({ locale, javaScriptEnabled, viewport: { width, height: 900 } }, `/tickets/${number}`);
      const form = page.locator(`form[action="/tickets/${number}/reply"]`);
      const accessible = async (what) => {
        // Axe runs in the page, which needs a script of its own.
        const found = javaScriptEnabled ? await AxeBuilder.run(page) : [];
        equal(found.map((one) => `${one.id}: ${one.nodes[0].html}`).join("\n"), "", `${what}: axe`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        equal(overflow > 0, false, `${what}: wider than the window by ${overflow} px`);
      };
      const picture = { name: "señal nº 1.png", mimeType: "image/png", buffer: Buffer.from("\x89PNG\r\n\x1a\n", "latin1") };
      const program = { name: "run.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") };
      await form.locator("textarea").fill("As you see.");
      await form.locator("[name=files]").setInputFiles([picture, program]);
      await form.locator("button.primary").click();
      await page.waitForLoadState();
      equal((await page.locator("[role=alert]").innerText()).includes("run.exe"), true, "the file is named");
      equal(await form.locator("textarea").inputValue(), "As you see.", "what was typed");
      equal(await form.locator("[name=attachment]:checked").count(), 1, "the other file");
      await accessible("refused");
      await form.locator("button.primary").click();
      await page.waitForLoadState();
      equal(await page.locator(".files a", { hasText: "señal nº 1.png" }).count(), 1, "listed");
      await accessible("sent");
      const refused = page.complaints.filter((text) => !text.includes("415"));
      equal(refused.join("\n"), "", "complaints");
      await page.context().close();
    });
  }
}

await promise("hostile text is shown and not run", async () => {
  const number = await server.openTicket("<script>document.title='run'</script>", "<img src=x onerror=\"document.title='run'\"> \u202etxt.exe");
  for (const path of [`/tickets/${number}`, "/queue?lane=new"]) {
    const page = await open({ locale: "en-GB" }, path);
    equal(await page.title() === "run", false, `${path}: a script ran`);
    equal(page.complaints.join("\n"), "", `${path}: complaints`);
    await page.context().close();
  }
});

await promise("an admin chooses a password with a code, is led to where they wanted, and signs out", async () => {
  const { data, code } = inviteAdmin(program, "alma");
  const guarded = await startServer(program, data);
  try {
    for (const [language, locale] of Object.entries(languages)) {
      for (const [colorScheme, width] of [["light", 1280], ["dark", 320]]) {
        const context = await browser.newContext({ locale, colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        for (const path of ["/sign-in", "/welcome"]) {
          await page.goto(guarded.url + path);
          equal(await page.locator("html").getAttribute("lang"), language, `${path}: language`);
          const found = await AxeBuilder.run(page);
          equal(found.map((one) => `${path}: ${one.id}: ${one.nodes[0].html}`).join("\n"), "", "axe");
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          equal(overflow > 0, false, `${path}: wider than the window by ${overflow} px`);
        }
        await context.close();
      }
    }
    const page = await (await browser.newContext({ locale: "es-ES" })).newPage();
    const password = "cuatro palabras y un farol";
    await page.goto(`${guarded.url}/welcome`);
    await page.fill("#code", code.toLowerCase());
    await page.fill("#password", password);
    await page.click("main button");
    equal(new URL(page.url()).pathname, "/queue", "where the code leads");
    const cookies = await page.context().cookies();
    const session = cookies.find((cookie) => cookie.name === "__Host-docket-session");
    equal(session.httpOnly && session.secure, true, "the cookie is kept from scripts");
    await page.click(".leave button");
    await page.goto(`${guarded.url}/tickets/3`);
    equal(new URL(page.url()).pathname, "/sign-in", "without a session");
    await page.fill("#id", "alma");
    await page.fill("#password", "no es esta");
    await page.click("main button");
    equal(await page.locator("[role=alert]").count(), 1, "a wrong password is told");
    await page.fill("#password", password);
    await page.click("main button");
    equal(new URL(page.url()).pathname, "/tickets/3", "where signing in leads");
    await page.context().close();
  } finally {
    guarded.stop();
  }
});

await promise("the viewer of the API lists its operations and asks no other host", async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  const [complaints, foreign] = [[], []];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(`${server.url}/`) && !address.startsWith("data:")) foreign.push(address);
  });
  await page.goto(`${server.url}/api/docs`);
  const description = await (await fetch(`${server.url}/api/openapi.json`)).json();
  const operations = Object.values(description.paths).flatMap((path) => Object.keys(path));
  for (const tag of await page.locator(".opblock-tag").all()) await tag.click();
  await page.locator(".opblock").nth(operations.length - 1).waitFor();
  equal(await page.locator(".opblock").count(), operations.length, "operations");
  const reply = page.locator(".opblock", { hasText: "/api/v1/tickets/{number}/reply" });
  await reply.locator(".opblock-summary").click();
  await reply.getByText("If-Match").first().waitFor();
  equal(foreign.join("\n"), "", "foreign requests");
  equal(complaints.join("\n"), "", "complaints");
  await context.close();
});

// The last, since it adds somebody to the staff: from then on only who works here is offered where names were believed.
for (const [language, locale] of Object.entries(languages)) {
  for (const [javaScriptEnabled, width] of [[true, 1280], [true, 320], [false, 320]]) {
    const how = `in ${language}, ${width} px wide, ${javaScriptEnabled ? "with" : "without"} JavaScript`;
    await promise(`whoever takes tickets says on the queue whether they are there, ${how}`, async () => {
      await server.hire("local", "supervisor");
      const page = await open({ locale, javaScriptEnabled, viewport: { width, height: 900 } }, "/queue?lane=open");
      const form = page.locator('form[action="/availability"]');
      for (const chosen of ["away", "online"]) {
        await form.locator("select").selectOption(chosen);
        await form.locator("button").click();
        await page.locator('[role="status"]').waitFor();
        equal(await form.locator("select").inputValue(), chosen, "what it says");
        equal(new URL(page.url()).searchParams.get("lane"), "open", "the lane");
      }
      // Axe runs in the page, which needs a script of its own.
      const found = javaScriptEnabled ? await AxeBuilder.run(page) : [];
      equal(found.map((one) => `${one.id}: ${one.nodes[0].html}`).join("\n"), "", "axe");
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      equal(overflow > 0, false, `wider than the window by ${overflow} px`);
      equal(page.complaints.join("\n"), "", "complaints");
      await page.context().close();
    });
  }
}

/** Opens whatever folded part a form lies in. */
async function reveal(form) {
  const fold = form.locator("xpath=ancestor::details[not(@open)]/summary");
  if (await fold.count() > 0) await fold.first().click();
}

async function submit(page, number, action, fields) {
  const form = page.locator(`form[action="/tickets/${number}/${action}"]`);
  await reveal(form);
  for (const [name, value] of Object.entries(fields)) await form.locator(`[name=${name}]`).fill(value);
  await form.locator("button.primary").click();
  await page.waitForLoadState();
}

await browser.close();
server.stop();
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
