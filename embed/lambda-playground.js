// <lambda-playground>: a live Lambda example inside any page. Attributes, events and methods: docs/embedding.md.
//
// A plain script, so that it loads from any host without special headers. Until the reader presses Run, or comes near an
// example that runs by itself, it fetches nothing; then it makes a sandboxed frame and talks to it over a MessagePort.
(() => {
  "use strict";
  if (customElements.get("lambda-playground")) return;

  const VERSION = 1;
  /** Real milliseconds after which a frame that does not answer has failed. */
  const PATIENCE = 30_000;
  /** How far from the window an example counts as near. */
  const NEAR = "400px";
  /** CSS pixels: reserved when nothing is said, and the most that a frame may ask for. */
  const HEIGHT = 360;
  const HIGHEST = 5_000;
  /** Attributes that are handed over as they are, and those that name another function. */
  const PLAIN = ["trigger", "event", "memory", "timeout", "settings", "at", "speed"];
  const CODE = ["scenario", "example", "function"];

  const script = document.currentScript?.src || document.querySelector('script[src*="lambda-playground.js"]')?.src;

  const STYLE = `
    :host { box-sizing: border-box; display: flex; flex-direction: column; position: relative; margin: 1em 0; border: 1px solid #8886; border-radius: 4px; overflow: hidden }
    :host([hidden]) { display: none }
    #rest { box-sizing: border-box; display: flex; flex-direction: column; flex: 1 }
    #fallback { flex: 1; overflow: auto; padding: 0 1em }
    #bar { display: flex; flex-wrap: wrap; align-items: center; gap: .75em; padding: .75em 1em; font: 14px/1.4 system-ui, sans-serif }
    button { font: inherit; font-weight: 600; padding: .5em 1.1em; border: 0; border-radius: 3px; background: #f28f38; color: #261302; cursor: pointer }
    button:focus-visible { outline: 2px solid #0b57d0; outline-offset: 2px }
    iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; visibility: hidden }
    :host([state=live]) iframe { visibility: visible }
    :host([state=live]) #rest { visibility: hidden; height: 0; flex: none }
    :host([state=loading]) button { visibility: hidden }
    @media print {
      :host { height: auto !important; min-height: 0 !important }
      iframe, #bar { display: none }
      :host([state]) #rest { visibility: visible; height: auto }
    }`;

  /** Whether the page behind an element is dark: the first ground that is not transparent tells. */
  const isDark = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      const ground = getComputedStyle(at).backgroundColor;
      const [a, b, c, alpha] = (ground.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
      if (a === undefined || alpha === 0) continue;
      if (ground.startsWith("rgb")) return 0.299 * a + 0.587 * b + 0.114 * c < 128;
      if (/^(ok)?l/.test(ground)) return a < (ground.startsWith("ok") ? 0.55 : 50);
    }
    const scheme = getComputedStyle(document.documentElement).colorScheme;
    return /dark/.test(scheme) && (!/light/.test(scheme) || matchMedia("(prefers-color-scheme: dark)").matches);
  };

  class LambdaPlayground extends HTMLElement {
    static observedAttributes = [...PLAIN, ...CODE, "theme", "height"];

    #frame = null;
    #port = null;
    #ready = null; // A promise while there is a frame.
    #settle = null;
    #calls = new Map();
    #last = 0;
    #height = 0;
    #ends = [];
    #near = null;
    #status;
    #button;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = `<style>${STYLE}</style><div id="rest"><div id="fallback"><slot></slot></div>
        <div id="bar" part="bar"><button type="button" part="run">▶ Run</button><span role="status"></span></div></div>`;
      this.#button = root.querySelector("button");
      this.#status = root.querySelector("[role=status]");
      this.#button.onclick = () => this.run().catch(() => {});
    }

    connectedCallback() {
      this.#size();
      const loading = this.getAttribute("loading");
      const autorun = this.hasAttribute("autorun");
      if (!autorun && loading !== "lazy" && loading !== "eager") return;
      const open = () => this.#open(autorun).catch(() => {});
      const near = (seen) => seen.some((it) => it.isIntersecting) && (this.#near.disconnect(), open());
      const start = () => {
        if (loading === "eager") return open();
        this.#near = new IntersectionObserver(near, { rootMargin: NEAR });
        this.#near.observe(this);
      };
      // Children may not be there before the document is.
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", start, { once: true });
      else start();
    }

    /** A frame that leaves the document is gone with all that is in it. */
    disconnectedCallback() {
      this.#near?.disconnect();
      this.#close();
    }

    attributeChangedCallback(name, before, now) {
      if (before === now) return;
      if (name === "height") this.#size();
      else if (!this.#port) return;
      else if (name === "theme") this.#theme();
      else if (CODE.includes(name)) this.#content().then((it) => this.set(it)).catch((error) => this.#fail(error));
      else if (now !== null) this.set({ [name]: now }).catch(() => {});
    }

    // Methods.

    /** One more request; loads the playground first. Resolves to what `finished` tells. */
    run() {
      const over = new Promise((resolve, reject) => {
        const done = (event) => {
          if (event.type === "error" && event.detail.severity !== "error") return;
          this.removeEventListener("finished", done);
          this.removeEventListener("error", done);
          if (event.type === "error") reject(new Error(event.detail.message));
          else resolve(event.detail);
        };
        this.addEventListener("finished", done);
        this.addEventListener("error", done);
      });
      const asked = this.#frame ? this.#ask("run") : this.#open(true);
      // A refusal is an error of its own; both promises end together.
      return asked.then(() => over, (error) => (over.catch(() => {}), Promise.reject(error)));
    }
    cancel() {
      return this.#port ? this.#ask("cancel") : Promise.resolve();
    }
    startOver() {
      return this.#ask("startOver");
    }
    reset() {
      return this.#ask("reset");
    }
    play() {
      return this.#ask("play");
    }
    pause() {
      return this.#ask("pause");
    }
    /** To a virtual time: whole nanoseconds as a number, BigInt or text, or text with a unit such as "62s". */
    seek(ns) {
      return this.#ask("seek", { ns: String(ns) });
    }
    step(by = "event", direction = 1) {
      return this.#ask("step", { by, direction });
    }
    /** Changes what is shown: the attributes' names, and `bytes` (a Uint8Array) with `name` for a function. */
    set(changes) {
      return this.#ask("set", changes);
    }
    /** The scenario as the reader has it: `{scenario, address}`. */
    getScenario() {
      return this.#ask("getScenario");
    }

    // The frame.

    get #isolated() {
      return this.hasAttribute("isolate");
    }

    get #base() {
      return new URL("./", new URL(this.getAttribute("playground") ?? script ?? "./", document.baseURI));
    }

    /** Makes the frame, unless it is there, and hands over what it shows. */
    #open(run) {
      if (this.#ready) return this.#ready;
      const hello = crypto.getRandomValues(new Uint32Array(1))[0];
      const base = this.#base;
      const options = new URLSearchParams({ embed: VERSION, view: this.getAttribute("view") ?? "timeline", theme: this.#scheme(), wait: 1 });
      if (this.hasAttribute("readonly")) options.set("readonly", 1);
      const frame = document.createElement("iframe");
      // A frame of the playground's own origin may load its parts from any host. Without an origin it is apart even from
      // a page of the same host, and the host must allow that: see "Isolation" in the guide.
      frame.sandbox = `allow-scripts allow-popups allow-popups-to-escape-sandbox${this.#isolated ? "" : " allow-same-origin"}`;
      frame.allow = "clipboard-write";
      frame.title = this.getAttribute("title") || "Lambda Playground";
      // By its name: not every host has one for a folder.
      frame.src = `${new URL("index.html", base)}#${options}`;
      this.#frame = frame;
      this.#state("loading", "Loading the playground…");
      const content = this.#content();
      content.catch(() => {});
      this.#ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));

      const origin = this.#isolated ? "null" : base.origin;
      const target = this.#isolated ? "*" : base.origin;
      const greet = () => frame.contentWindow?.postMessage({ lambdaPlayground: VERSION, type: "hello", id: hello }, target);
      const heard = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== origin) return;
        const said = event.data;
        if (said?.lambdaPlayground !== VERSION) return;
        if (said.type === "hello") greet();
        if (said.type !== "ready" || said.replyTo !== hello || this.#port || !event.ports[0]) return;
        this.#port = event.ports[0];
        this.#port.onmessage = (event) => this.#hear(event.data);
        clearInterval(again);
        clearTimeout(late);
        this.#state("live", "");
        this.#follow();
        content
          .then((it) => this.#send("set", { ...it, run: run || undefined }))
          .then(() => (this.#settle?.resolve(), this.#tell("ready", { versions: said.versions, types: said.types, view: said.view })))
          .catch((error) => this.#frame === frame && this.#fail(error));
      };
      addEventListener("message", heard);
      const again = setInterval(greet, 100);
      const late = setTimeout(() => this.#fail(new Error("The playground does not answer.")), PATIENCE);
      this.#ends.push(() => (removeEventListener("message", heard), clearInterval(again), clearTimeout(late)));
      this.shadowRoot.append(frame);
      return this.#ready;
    }

    #close() {
      this.#settle?.reject(new Error("The playground was closed."));
      this.#ready?.catch(() => {});
      for (const end of this.#ends.splice(0)) end();
      for (const { reject } of this.#calls.values()) reject(new Error("The playground was closed."));
      this.#calls.clear();
      this.#port?.close();
      this.#frame?.remove();
      this.#port = this.#frame = this.#ready = this.#settle = null;
      this.#height = 0;
      this.#state("", "");
    }

    /** What it shows, as attributes and children say. The function is fetched here, with this page's rights. */
    async #content() {
      const content = {};
      for (const name of PLAIN) {
        if (this.hasAttribute(name)) content[name] = this.getAttribute(name);
      }
      const text = (selector) => this.querySelector(selector)?.textContent;
      content.event ??= text('script[type="application/json"], [data-event]');
      const wat = text('script[type="text/wat"], [data-function]');
      const address = this.getAttribute("function");
      if (this.hasAttribute("scenario")) content.scenario = this.getAttribute("scenario");
      else if (address) {
        const url = new URL(address, document.baseURI);
        const answer = await fetch(url).catch(() => null);
        if (!answer?.ok) throw new Error(`The function ${address} could not be fetched.`);
        content.bytes = new Uint8Array(await answer.arrayBuffer());
        content.name = this.getAttribute("name") ?? url.pathname.split("/").pop();
      } else if (wat && !this.hasAttribute("example")) {
        content.wat = wat;
        content.name = this.getAttribute("name") ?? "function.wat";
      } else content.example = this.getAttribute("example") ?? undefined;
      return content;
    }

    // Messages.

    /** Asks, once the playground is there. */
    async #ask(type, payload) {
      await this.#open(false);
      return this.#send(type, payload);
    }

    #send(type, payload) {
      return new Promise((resolve, reject) => {
        const id = ++this.#last;
        this.#calls.set(id, { resolve, reject });
        this.#port.postMessage({ ...payload, lambdaPlayground: VERSION, type, id });
      });
    }

    #hear(said) {
      if (said?.lambdaPlayground !== VERSION) return;
      const { lambdaPlayground, type, replyTo, ...detail } = said;
      const call = this.#calls.get(replyTo);
      this.#calls.delete(replyTo);
      if (type === "done") call?.resolve();
      else if (type === "scenario") call?.resolve(detail);
      else if (type === "failed") call?.reject(new Error(`${detail.message} ${detail.hint}`));
      else if (type === "size" && Number.isFinite(detail.height)) {
        this.#height = Math.min(detail.height, HIGHEST);
        this.#size();
        this.#tell("resize", { height: this.#height });
      } else if (["run", "finished", "change", "error", "state"].includes(type)) this.#tell(type, detail);
    }

    #tell(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }

    /** What was reserved is shown again, with a word on why. */
    #fail(error) {
      const run = this.#settle;
      this.#settle = null;
      const base = this.#base;
      this.#close();
      this.#state("failed", `${error.message} `);
      const link = document.createElement("a");
      Object.assign(link, { href: base, target: "_blank", rel: "noopener", textContent: "Open the playground" });
      this.#status.append(link);
      run?.reject(error);
      this.#tell("error", { severity: "error", code: "embed.load", place: "", message: error.message, hint: "Try again, or open the playground." });
    }

    #state(state, text) {
      if (state) this.setAttribute("state", state);
      else this.removeAttribute("state");
      this.#status.textContent = text;
    }

    // Looks.

    /** The height that is reserved; a frame that is higher gets more, unless a height was given. */
    #size() {
      const given = parseFloat(this.getAttribute("height"));
      const reserved = given > 0 ? given : HEIGHT;
      this.style.minHeight = `${reserved}px`;
      this.style.height = this.#height && !(given > 0) ? `${Math.max(reserved, this.#height) + 2}px` : "";
    }

    #scheme() {
      const theme = this.getAttribute("theme");
      return theme === "light" || theme === "dark" ? theme : isDark(this) ? "dark" : "light";
    }

    #theme() {
      this.#send("theme", { theme: this.#scheme() }).catch(() => {});
    }

    /** Follows the page's theme, however it is switched. */
    #follow() {
      let before = this.#scheme();
      const look = () => {
        const now = this.#scheme();
        if (now !== before && this.#port) ((before = now), this.#theme());
      };
      const watcher = new MutationObserver(() => requestAnimationFrame(look));
      for (const element of [document.documentElement, document.body]) {
        watcher.observe(element, { attributes: true });
      }
      const system = matchMedia("(prefers-color-scheme: dark)");
      system.addEventListener("change", look);
      document.addEventListener("transitionend", look);
      this.#ends.push(() => {
        watcher.disconnect();
        system.removeEventListener("change", look);
        document.removeEventListener("transitionend", look);
      });
    }
  }

  customElements.define("lambda-playground", LambdaPlayground);
})();
