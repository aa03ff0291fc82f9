// Makes a release build's large modules load in two parts: what runs at first, and the rest, which comes by itself once
// the page works, or at once when somebody is quicker. Called by scripts/seal:
//
//   node scripts/split/page.mjs <split binary> <folder of the build> <folder of what was linked> <folder for whole modules>
//
// The whole modules, with the names of their functions, and their scripts are kept: scripts/profile needs them.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** When the rest of each module is fetched. A page fetches it when its engine runs: that was wanted sooner. */
export const PARTS = {
  playground: `
    const page = document.documentElement;
    if (page.dataset.engine === "ready") return run();
    const watch = new MutationObserver(() => {
      if (page.dataset.engine === "starting") return;
      watch.disconnect();
      run();
    });
    watch.observe(page, { attributes: true, attributeFilter: ["data-engine"] });`,
  worker: `
    setTimeout(run, 50);`,
};

/** Adds an import to a script that wasm-bindgen wrote, and code to its end. */
export function patched(script, name, imports, code) {
  const returned = new RegExp(`return \\{\\s*__proto__: null,\\s*"\\./${name}_bg\\.js": import0,`);
  if (!returned.test(script)) throw new Error(`${name}.js: wasm-bindgen writes its imports in another way than expected`);
  const finish = "return __wbg_finalize_init(instance, module);\n}\n\nexport { initSync";
  if (!script.includes(finish)) throw new Error(`${name}.js: wasm-bindgen loads modules in another way than expected`);
  const start = /(\n\s*)wasm\.__wbindgen_start\(\);/;
  if (!start.test(script)) throw new Error(`${name}.js: wasm-bindgen starts modules in another way than expected`);
  return (
    script
      .replace(returned, (found) => `${found.replace("return {", "return laterImports = {")}\n        ${imports},`)
      .replace(finish, `await laterKept(instance.exports);\n    ${finish}`)
      .replace(start, (found, indent) => `${indent}laterSoon();${found}`) + code
  );
}

/** A script without comments and indentation, unless a text of several lines could be hurt. */
export function compact(script) {
  const short = script
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "")
    .replace(/^\s*\/\/.*\n/gm, "")
    .replace(/^[ \t]+/gm, "");
  const whole = (line) => (line.match(/`/g) ?? []).length % 2 === 0;
  return script.split("\n").every(whole) ? short : script;
}

const loader = (file, when) => `
// Written by scripts/split: the rest of the module.
let laterImports;
const laterAddress = new URL(${JSON.stringify(file)}, import.meta.url).href;

const laterGone = new AbortController();

function laterJoin(module, first) {
  if (first.later.value) return;
  new WebAssembly.Instance(module, { ...laterImports, first });
  first.later.value = 1;
  // Whoever still fetches it does so in vain.
  laterGone.abort();
}

// What the service worker keeps costs no download, and without a network nothing could bring it later: a request that is
// waited for does not reach a service worker.
async function laterKept(first) {
  try {
    const kept = await caches.match(laterAddress);
    if (kept) laterJoin(await WebAssembly.compile(await kept.arrayBuffer()), first);
  } catch {
    // No cache here: an embed without an origin, or a page without https.
  }
}

// Somebody calls a function that is not here yet: nothing else may happen before it is.
function laterNow() {
  performance.mark("rest loaded at once");
  const request = new XMLHttpRequest();
  request.open("GET", laterAddress, false);
  // The one way to get bytes at once on a page's own thread.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(\`The rest of the page cannot be loaded (\${request.status}): reload it.\`);
  laterJoin(new WebAssembly.Module(Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0))), wasm);
}

function laterSoon() {
  const run = async () => {
    if (wasm.later.value) return;
    try {
      const response = await fetch(laterAddress, { priority: "low", signal: laterGone.signal });
      if (!response.ok) throw new Error(\`\${response.status}\`);
      laterJoin(await WebAssembly.compile(await response.arrayBuffer()), wasm);
      performance.mark("rest loaded");
    } catch {
      // It is tried again when it is needed.
    }
  };${when}
}
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [split, folder, linked, whole] = process.argv.slice(2);
  const lists = path.dirname(fileURLToPath(import.meta.url));
  mkdirSync(whole, { recursive: true });
  for (const [name, when] of Object.entries(PARTS)) {
    const module = path.join(folder, `${name}_bg.wasm`);
    const script = path.join(folder, `${name}.js`);
    copyFileSync(module, path.join(whole, `${name}_bg.wasm`));
    copyFileSync(script, path.join(whole, `${name}.js`));
    const later = path.join(folder, `${name}_rest.wasm`);
    const parts = [path.join(linked, `${name}.wasm`), path.join(lists, `${name}.list`), `${module}.first`, later];
    execFileSync(split, ["cut", module, ...parts], { stdio: "inherit" });
    rmSync(module);
    renameSync(`${module}.first`, module);
    // Named by what is in it: a page never joins the rest of another build.
    const hash = createHash("sha256").update(readFileSync(later)).digest("hex").slice(0, 12);
    const file = `${name}_rest-${hash}.wasm`;
    renameSync(later, path.join(folder, file));
    const loading = patched(readFileSync(script, "utf8"), name, "later: { load: laterNow }", loader(file, when));
    writeFileSync(script, compact(loading));
  }
}
