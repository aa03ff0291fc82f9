#!/usr/bin/env node
// A plain static host for tests: serves a folder, under any prefix, with no special headers.
//
//   node scripts/static-server.mjs dist --prefix /some/deep/path/ --port 0
//
// The first line printed is the address. Port 0 takes a free one. Outside the prefix: 404.

import { createReadStream, promises as fs } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".wat": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Serves `folder`; resolves to `{ server, address }` once it listens on 127.0.0.1. */
export function serve(folder, { prefix = "/", port = 0 } = {}) {
  const root = path.resolve(folder);
  const base = `/${prefix}/`.replace(/\/+/g, "/");

  const server = createServer(async (request, response) => {
    const answer = (status, text) => {
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      response.end(`${text}\n`);
    };
    try {
      if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "only GET and HEAD");
      const wanted = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
      if (!wanted.startsWith(base)) return answer(404, `nothing outside ${base}`);
      let file = path.join(root, wanted.slice(base.length));
      if (file !== root && !file.startsWith(root + path.sep)) return answer(404, "not found");
      let stat = await fs.stat(file);
      if (stat.isDirectory()) {
        file = path.join(file, "index.html");
        stat = await fs.stat(file);
      }
      response.writeHead(200, {
        "content-type": TYPES[path.extname(file).toLowerCase()] ?? "application/octet-stream",
        "content-length": stat.size,
        "cache-control": "no-store",
      });
      if (request.method === "HEAD") return response.end();
      createReadStream(file).on("error", () => response.destroy()).pipe(response);
    } catch (error) {
      if (error instanceof URIError) answer(400, "bad address");
      else if (["ENOENT", "ENOTDIR"].includes(error.code)) answer(404, "not found");
      else answer(500, "could not be read");
    }
  });

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve({ server, address: `http://127.0.0.1:${server.address().port}${base}` });
    });
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const values = process.argv.slice(2);
  const option = (name, fallback) => {
    const at = values.indexOf(name);
    return at < 0 ? fallback : values.splice(at, 2)[1];
  };
  const prefix = option("--prefix", "/");
  const port = Number(option("--port", "8080"));
  const { address } = await serve(values[0] ?? "dist", { prefix, port });
  console.log(address);
}
