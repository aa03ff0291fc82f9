// The service worker: after the first visit the playground works without a network. One cache a version; a new version
// waits until the visitor asks for it, so that no page is ever made of two.
"use strict";

const PREFIX = "lambda-playground-v-";
const CACHE = PREFIX + VERSION;
/** Large and seldom used: kept once somebody has used them. */
const ON_USE = /^(interpreter|wat_compiler)/;

const address = (file) => new URL(file, registration.scope).href;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      for (const [file, hash] of Object.entries(FILES)) {
        if (ON_USE.test(file)) continue;
        const kept = await earlier(file, hash);
        const response = kept ?? (await fetch(address(file), { cache: "no-cache" }));
        if (!response.ok) throw new Error(`${file}: ${response.status}`);
        await cache.put(address(file), response);
      }
      await cache.put(address("files.json"), new Response(JSON.stringify(FILES)));
    })(),
  );
});

/** The same file of an earlier version. */
async function earlier(file, hash) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === CACHE) continue;
    const cache = await caches.open(name);
    const files = await cache.match(address("files.json")).then((it) => it?.json());
    if (files?.[file] === hash) return cache.match(address(file));
  }
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
      }
      await clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(registration.scope);
  if (request.method !== "GET" || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const file = url.pathname.slice(scope.pathname.length) || "index.html";
  if (!Object.hasOwn(FILES, file)) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE);
      const kept = await cache.match(address(file));
      if (kept) return kept;
      const response = await fetch(address(file), { cache: "no-cache" });
      if (response.ok) await cache.put(address(file), response.clone());
      return response;
    })(),
  );
});
