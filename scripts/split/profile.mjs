// Finds out which functions of the page and of its worker run at first, in a real browser, and writes the lists that
// scripts/split/page.mjs cuts by. Called by scripts/profile:
//
//   node scripts/split/profile.mjs <split binary> <built page> <folder of whole modules>
//
// What counts as "at first": opening the page, bringing a function, picking a trigger, changing event and memory; for the
// worker also running modules of several toolchains behind an API and S3. Not: showing a result, which the page's second part
// does - it is fetched as soon as the engine runs - and dialogs, tuning, errors, other triggers.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { serve } from "../static-server.mjs";
import { PARTS, patched } from "./page.mjs";

const [split, dist, whole] = process.argv.slice(2);
const lists = path.dirname(fileURLToPath(import.meta.url));
const functions = path.join(lists, "../../functions");
const scratch = mkdtempSync(path.join(tmpdir(), "profile-"));
const site = path.join(scratch, "site");

const probeCode = (name) => `
let laterImports;
const hits = new Set();
function hit(number) { hits.add(number); }
async function laterKept() {}
function laterSoon() {
  const channel = new BroadcastChannel("profile");
  channel.onmessage = ({ data }) => {
    if (data === "tell") channel.postMessage({ name: ${JSON.stringify(name)}, hits: [...hits] });
  };
}
`;

cpSync(dist, site, { recursive: true });
// The service worker comes as on any first visit, but keeps nothing: its cache would hold other files than these.
const keeper = readFileSync(path.join(lists, "../../embed/sw.js"), "utf8");
writeFileSync(path.join(site, "sw.js"), `const VERSION = "profile";\nconst FILES = {};\n${keeper}`);
for (const name of Object.keys(PARTS)) {
  const names = path.join(scratch, `${name}.txt`);
  execFileSync(split, ["probe", path.join(whole, `${name}_bg.wasm`), path.join(site, `${name}_bg.wasm`), names]);
  const script = readFileSync(path.join(whole, `${name}.js`), "utf8");
  writeFileSync(path.join(site, `${name}.js`), patched(script, name, "profile: { hit }", probeCode(name)));
}

// ---- a browser -------------------------------------------------------------------------------

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class Browser {
  static async start() {
    const browser = new Browser();
    const port = await freePort();
    browser.driver = spawn("chromedriver", [`--port=${port}`], { stdio: "ignore" });
    browser.address = `http://localhost:${port}`;
    for (let tries = 0; ; tries += 1) {
      const up = await fetch(`${browser.address}/status`).then((it) => it.ok, () => false);
      if (up) break;
      if (tries > 200) throw new Error("chromedriver does not start");
      await pause(50);
    }
    const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
    const { sessionId } = await browser.call("/session", {
      capabilities: { alwaysMatch: { "goog:chromeOptions": { args: [...args, `--user-data-dir=${scratch}/browser`] } } },
    });
    browser.session = `/session/${sessionId}`;
    await browser.call(`${browser.session}/timeouts`, { script: 300_000 });
    return browser;
  }

  async call(where, body) {
    const response = await fetch(this.address + where, { method: "POST", body: JSON.stringify(body) });
    const { value } = await response.json();
    if (value?.error) throw new Error(`${where}: ${value.message}`);
    return value;
  }

  open(url) {
    return this.call(`${this.session}/url`, { url });
  }

  /** Runs an async function in the page. */
  run(work, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      (${work})(...arguments).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    return this.call(`${this.session}/execute/async`, { script, args }).then(({ value, error }) => {
      if (error) throw new Error(error);
      return value;
    });
  }

  async stop() {
    await fetch(this.address + this.session, { method: "DELETE" }).catch(() => {});
    this.driver.kill();
  }
}

// ---- what a visitor does at first: these run inside the page ------------------------------------

/** Opens the page, waits if `patient`, and uses it a little; with modules brings and runs each. */
async function visit(modules, patient) {
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const until = async (what, test) => {
    for (let tries = 0; !test(); tries += 1) {
      if (tries > 1200) throw new Error(`waited in vain until ${what}`);
      await sleep(50);
    }
  };
  const byId = (id) => document.querySelector(`[data-testid="${id}"]`);
  const settled = () => until("the run is over", () => !byId("cancel"));
  await until("the engine is ready", () => document.documentElement.dataset.engine === "ready");
  const rail = () => document.querySelector(".rail");
  const tell = (element, ...kinds) => kinds.forEach((kind) => element.dispatchEvent(new Event(kind, { bubbles: true })));

  if (patient) {
    await until("the first example is there", () => byId("run") && !byId("run").disabled);
    await sleep(1500);
    // Whatever follows finds the rest there.
    if (modules.length === 0) return;
  }
  if (modules.length === 0) {
    for (const [id, event] of [["memory-slider", "3000"], ["event-editor", "{}"], ["memory-input", "512"]]) {
      const element = byId(id);
      element.focus();
      element.value = event;
      tell(element, "input", "change");
      await sleep(400);
    }
    for (const id of ["example-primes", "trigger-s3", "trigger-api-gateway-http", "example-hello"]) {
      byId(id).click();
      await sleep(600);
    }
    return sleep(1500);
  }
  for (const [name, base64] of modules) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name));
    const input = byId("upload-input");
    input.files = files.files;
    tell(input, "input", "change");
    await sleep(300);
    await until("the module was looked at", () => document.documentElement.dataset.engine === "ready");
    const run = byId("run");
    if (run && !run.disabled && !/fib|forever|matmul|hundredkb/.test(name)) {
      run.click();
      await sleep(200);
      await settled();
    }
  }
  for (const id of ["example-primes", "trigger-s3", "run", "trigger-api-gateway-http", "run"]) {
    byId(id).click();
    await sleep(400);
    await settled();
  }
  await settled();
  byId("run").click();
  await sleep(500);
  await settled();
  await sleep(1500);
}

/** Asks the page and its workers what ran. */
async function tell() {
  const channel = new BroadcastChannel("profile");
  const found = {};
  channel.onmessage = ({ data }) => {
    if (!data.name) return;
    found[data.name] = [...new Set([...(found[data.name] ?? []), ...data.hits])];
  };
  channel.postMessage("tell");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return found;
}

// ---- the profile -----------------------------------------------------------------------------

const modules = readdirSync(functions, { recursive: true })
  .filter((file) => file.endsWith(".wasm"))
  .sort()
  .map((file) => [path.basename(file), readFileSync(path.join(functions, file)).toString("base64")]);

const { server, address } = await serve(site, { prefix: "/", port: 0 });
const browser = await Browser.start();
try {
  const called = Object.fromEntries(Object.keys(PARTS).map((name) => [name, new Set()]));
  // Short visits say what the page needs, of somebody who waits for the first example and of somebody who does not; a long
  // one says what its worker does.
  const sessions = [
    [[], true, ["playground", "worker"]],
    [[], false, ["playground", "worker"]],
    [modules, true, ["worker"]],
  ];
  for (const [uploads, patient, parts] of sessions) {
    await browser.open(address);
    await browser.run(visit.toString(), uploads, patient);
    const found = await browser.run(tell.toString());
    for (const name of parts) {
      if (!found[name]) throw new Error(`${name} told nothing`);
      const names = readFileSync(path.join(scratch, `${name}.txt`), "utf8").split("\n");
      found[name].forEach((number) => called[name].add(names[number]));
    }
  }
  for (const [name, names] of Object.entries(called)) {
    const file = path.join(scratch, `${name}-called.txt`);
    writeFileSync(file, [...names].sort().join("\n"));
    execFileSync(split, ["list", path.join(lists, `${name}.list`), file]);
    console.log(`${name}: ${names.size} names`);
  }
} finally {
  await browser.stop();
  server.close();
  rmSync(scratch, { recursive: true, force: true });
}
