//! The playground inside other pages: plain pages under a sub-path, a page of another origin, a frame without an origin,
//! hosts that mean harm, and the interface that docs/embedding.md promises.

use std::io::Read as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateEncoder;
use serde_json::{Value, json};

use super::support::{Page, copy, dist, function, in_browser, serve, serve_with};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A function as an author writes it into a page.
const ANSWER: &str = r#"<script type="text/wat">
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"answer\":42}")

  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handler") (param i32 i32) (result i64) (i64.const 13)))
</script>"#;

/// What every test's page has: listeners that note each element's events, and a word for the frame's document.
const NOTES: &str = r"<script>
  window.told = [];
  for (const type of ['ready', 'run', 'finished', 'resize', 'change', 'error'])
    addEventListener(type, (e) => e.target.localName === 'lambda-playground' && told.push({type, id: e.target.id, detail: e.detail}), true);
  window.inside = (id) => document.getElementById(id).shadowRoot.querySelector('iframe')?.contentDocument;
  window.part = (id, name) => inside(id)?.querySelector(`[data-testid='${name}']`);
</script>";

/// A site of somebody's documentation: a folder with pages, with the playground beside them or not.
struct Site {
    folder: PathBuf,
}

impl Site {
    fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!(
            "lambda-playground-site-{name}-{}",
            std::process::id()
        ));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// A page whose embeds are loaded from `playground`.
    fn page(&self, playground: &str, body: &str) -> Result<()> {
        let text = format!(
            "<!doctype html><html><head><meta charset=utf-8><link rel=icon href='data:,'><title>Docs</title>{NOTES}\
             <script src='{playground}lambda-playground.js' defer></script></head><body><h1>Docs</h1>{body}</body></html>"
        );
        std::fs::write(self.folder.join("index.html"), text)?;
        Ok(())
    }

    /// Puts the built playground into the site's folder `play`.
    fn with_playground(self) -> Result<Self> {
        copy(&dist()?, &self.folder.join("play"))?;
        Ok(self)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Opens a site's page with the playground in the folder `play`, both under a sub-path.
async fn open(site: &Site, body: &str) -> Result<Page> {
    site.page("play/", body)?;
    let address = serve(site.folder.clone(), "/docs/guide/").await?;
    Page::open_at(&address, (820, 900)).await
}

/// Calls an asynchronous function of the page's and answers what it resolves to, or its error's message.
async fn call(page: &Page, body: &str) -> Result<Value> {
    let script = format!(
        "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})().then(done, (e) => done({{failed: e.message}}))"
    );
    Ok(page.client.execute_async(&script, vec![]).await?)
}

#[test]
fn ten_embeds_that_were_not_run_cost_one_small_script() {
    in_browser(async {
        let site = Site::new("ten")?.with_playground()?;
        let body: String = (0..10)
            .map(|n| {
                format!("<lambda-playground id=e{n} example=hello height=300><p>Picture {n}</p></lambda-playground><p>Text.</p>")
            })
            .collect();
        let page = open(&site, &body).await?;
        page.until(
            "the element is defined",
            "return !!customElements.get('lambda-playground')",
        )
        .await?;
        let cost = call(
            &page,
            "await new Promise((r) => setTimeout(r, 500));
             const all = performance.getEntriesByType('resource');
             return {bytes: all.reduce((sum, it) => sum + it.encodedBodySize, 0), names: all.map((it) => it.name.split('/').pop()),
                     frames: [...document.querySelectorAll('lambda-playground')].filter((it) => it.shadowRoot.querySelector('iframe')).length,
                     heights: [...document.querySelectorAll('lambda-playground')].map((it) => it.offsetHeight),
                     fallback: document.querySelector('#e3 p').offsetHeight > 0}",
        )
        .await?;
        assert_eq!(cost["names"], json!(["lambda-playground.js"]));
        assert!(
            cost["bytes"].as_u64().unwrap_or(u64::MAX) < 30_000,
            "{cost}"
        );
        assert_eq!(cost["frames"], 0);
        assert_eq!(cost["heights"], json!(vec![300; 10]), "room is reserved");
        assert_eq!(cost["fallback"], true);

        // One of them is run; the page around it stays where it is.
        let ran = call(
            &page,
            "const next = document.getElementById('e1'), before = next.offsetTop;
             document.getElementById('e0').shadowRoot.querySelector('button').click();
             const done = await new Promise((r) => document.getElementById('e0').addEventListener('finished', (e) => r(e.detail)));
             await new Promise((r) => setTimeout(r, 200));
             return {outcome: done.invocation.outcome, moved: next.offsetTop - before,
                     frames: [...document.querySelectorAll('lambda-playground')].filter((it) => it.shadowRoot.querySelector('iframe')).length}",
        )
        .await?;
        assert_eq!(
            ran,
            json!({"outcome": "succeeded", "moved": 0, "frames": 1})
        );
        page.close().await
    });
}

#[test]
fn a_page_shows_a_function_written_into_it_with_its_event_and_settings() {
    in_browser(async {
        let site = Site::new("inline")?.with_playground()?;
        let body = format!(
            "<lambda-playground id=a view='timeline,slider,result' trigger=api-gateway-http memory=256 settings='{{\"timeout\":7,\"nonsense\":1}}'>\
             {ANSWER}<script type=application/json>{{\"mine\": \"</p>\"}}</script></lambda-playground>\
             <lambda-playground id=b view=result example=primes autorun></lambda-playground>"
        );
        let page = open(&site, &body).await?;
        let ran = call(&page, "return await document.getElementById('a').run()").await?;
        let invocation = &ran["invocation"];
        assert_eq!(invocation["payload"], "{\"answer\":42}", "{ran}");
        assert_eq!(invocation["trigger"], "api-gateway-http");
        assert_eq!(invocation["memoryMb"], 256);
        // Whole nanoseconds, as text.
        let duration = invocation["durationNs"].as_str().unwrap_or_default();
        assert!(duration.parse::<u64>()? > 0, "{ran}");
        // What it cannot take it says, and goes on.
        page.until(
            "the odd setting is told",
            "return told.some((it) => it.type === 'error' && it.detail.severity === 'warning' && it.detail.place === 'settings.nonsense')",
        )
        .await?;
        // Only the parts that were asked for.
        let parts = "return ['timeline', 'memory-slider', 'result-status', 'event-editor', 'share'].map((it) => !!part('a', it))";
        assert_eq!(
            page.client.execute(parts, vec![]).await?,
            json!([true, true, true, false, false])
        );

        // The reader moves the slider; the way to the whole page keeps that.
        let changed = call(
            &page,
            "const before = part('a', 'embed-open').href;
             const input = part('a', 'memory-input');
             input.value = '1769'; input.dispatchEvent(new Event('input', {bubbles: true}));
             while (part('a', 'embed-open').href === before) await new Promise((r) => setTimeout(r, 50));
             const {address, scenario} = await document.getElementById('a').getScenario();
             return {same: part('a', 'embed-open').href === address, address, in: address.endsWith('#s=' + scenario)}",
        )
        .await?;
        assert_eq!(
            (&changed["same"], &changed["in"]),
            (&json!(true), &json!(true)),
            "{changed}"
        );
        page.until(
            "a change is told",
            "return told.some((it) => it.type === 'change' && it.id === 'a')",
        )
        .await?;
        // The second runs by itself, apart from the first.
        page.until(
            "the second has run",
            "return told.some((it) => it.type === 'finished' && it.id === 'b')",
        )
        .await?;

        page.client
            .goto(changed["address"].as_str().unwrap_or_default())
            .await?;
        page.text_when("lambda-payload", |text| text.contains("42"))
            .await?;
        page.text_when("log", |text| text.contains("Memory Size: 1769 MB"))
            .await?;
        page.close().await
    });
}

#[test]
fn a_page_of_another_origin_is_served_by_a_host_without_special_headers() {
    in_browser(async {
        let playground = serve(dist()?, "/play/ground/").await?;
        let site = Site::new("other")?;
        std::fs::copy(function("primes"), site.folder.join("primes.wasm"))?;
        site.page(
            &playground,
            "<lambda-playground id=a function=primes.wasm trigger=direct event='{\"limit\":1000}' view=full></lambda-playground>",
        )?;
        let address = serve(site.folder.clone(), "/").await?;
        let page = Page::open_at(&address, (820, 900)).await?;
        let ran = call(
            &page,
            "const a = document.getElementById('a');
             const first = await a.run();
             await a.seek('0'); await a.step('event'); await a.play(); await a.pause();
             const second = await a.run();
             const {scenario} = await a.getScenario();
             await a.startOver();
             await a.set({trigger: 'sqs'});
             const queue = await a.run();
             let inner = null; try { inner = a.shadowRoot.querySelector('iframe').contentDocument } catch {}
             return {first: first.attempts, second: second.attempts, cold: second.invocation.cold, queue: queue.invocation.trigger, scenario, inner,
                     sandbox: a.shadowRoot.querySelector('iframe').sandbox.value}",
        )
        .await?;
        assert_eq!(
            (&ran["first"], &ran["second"]),
            (&json!(1), &json!(2)),
            "{ran}"
        );
        assert_eq!(
            (&ran["cold"], &ran["queue"]),
            (&json!(false), &json!("sqs"))
        );
        assert!(
            ran["scenario"]
                .as_str()
                .unwrap_or_default()
                .starts_with("1.")
        );
        // Neither reaches into the other.
        assert_eq!(ran["inner"], Value::Null);
        assert!(!ran["sandbox"].to_string().contains("top-navigation"));
        page.close().await
    });
}

#[test]
fn a_frame_without_an_origin_runs_where_the_host_allows_it() {
    in_browser(async {
        let playground = serve_with(dist()?, "/", "access-control-allow-origin: *\r\n").await?;
        let site = Site::new("isolated")?;
        site.page(
            &playground,
            &format!("<lambda-playground id=a isolate memory=512>{ANSWER}</lambda-playground>"),
        )?;
        let address = serve(site.folder.clone(), "/").await?;
        let page = Page::open_at(&address, (820, 900)).await?;
        let ran = call(&page, "return await document.getElementById('a').run()").await?;
        assert_eq!(ran["invocation"]["payload"], "{\"answer\":42}", "{ran}");
        page.close().await
    });
}

#[test]
fn an_embed_that_runs_by_itself_waits_until_the_reader_comes_near_and_rests_out_of_sight() {
    in_browser(async {
        let site = Site::new("near")?.with_playground()?;
        let page = open(
            &site,
            "<div style='height:5000px'>Above</div><lambda-playground id=a example=primes autorun speed=1000th at=0s></lambda-playground><div style='height:3000px'></div>",
        )
        .await?;
        call(&page, "await new Promise((r) => setTimeout(r, 700))").await?;
        let early = "return [told.length, performance.getEntriesByType('resource').length, document.querySelector('#a').shadowRoot.querySelector('iframe')]";
        assert_eq!(
            page.client.execute(early, vec![]).await?,
            json!([0, 1, null])
        );
        page.client
            .execute("document.querySelector('#a').scrollIntoView()", vec![])
            .await?;
        page.until(
            "it has run",
            "return told.some((it) => it.type === 'finished')",
        )
        .await?;
        // It plays, rests out of sight, and goes on when it is seen again; it is the same frame with the same run.
        call(&page, "await document.getElementById('a').play()").await?;
        let is = |label: &str| {
            format!("return part('a', 'play')?.getAttribute('aria-label') === '{label}'")
        };
        page.until("it plays", &is("Pause")).await?;
        page.client
            .execute("window.frame = inside('a'); scrollTo(0, 0)", vec![])
            .await?;
        page.until("it rests", &is("Play")).await?;
        page.client
            .execute("document.querySelector('#a').scrollIntoView()", vec![])
            .await?;
        page.until("it goes on", &is("Pause")).await?;
        assert_eq!(
            page.client
                .execute("return window.frame === inside('a')", vec![])
                .await?,
            true
        );
        page.close().await
    });
}

#[test]
fn an_embed_follows_the_pages_theme_and_grows_with_what_it_shows() {
    in_browser(async {
        let site = Site::new("theme")?.with_playground()?;
        let page = open(
            &site,
            "<style>.night body {background:#101418;color:#eee}</style><lambda-playground id=a example=hello view=result></lambda-playground>",
        )
        .await?;
        call(&page, "await document.getElementById('a').run()").await?;
        let theme =
            |name: &str| format!("return inside('a').documentElement.dataset.theme === '{name}'");
        page.until("it is light", &theme("light")).await?;
        page.client
            .execute("document.documentElement.className = 'night'", vec![])
            .await?;
        page.until("it is dark", &theme("dark")).await?;
        page.until(
            "the frame is as high as its content",
            "const a = document.getElementById('a'), root = inside('a').getElementById('embed'); \
             return a.offsetHeight > 400 && Math.abs(a.clientHeight - root.offsetHeight) <= 2",
        )
        .await?;
        page.until(
            "it is told",
            "return told.some((it) => it.type === 'resize' && it.detail.height > 400)",
        )
        .await?;
        page.close().await
    });
}

#[test]
fn a_frame_alone_says_everything_in_its_address() {
    in_browser(async {
        let address = serve(dist()?, "/some/path/").await?;
        let page = Page::open_at(
            &format!(
                "{address}#embed=1&view=result&example=primes&trigger=direct&memory=640&autorun"
            ),
            (600, 700),
        )
        .await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.text_when("log", |text| text.contains("Memory Size: 640 MB"))
            .await?;

        // A broken one shows what is wrong, and something to run all the same. Nothing is fetched from elsewhere.
        page.client.goto("about:blank").await?;
        page.client
            .goto(&format!("{address}#embed=9&view=<b>&function=https://example.org/a.wasm&event=%7B%22a%22:1%7D&memory=1&s=%00"))
            .await?;
        page.text_when("embed-problems", |text| {
            ["embed.version", "embed.view", "link.broken"]
                .iter()
                .all(|code| text.contains(code))
        })
        .await?;
        let outside = "return performance.getEntriesByType('resource').filter((it) => !it.name.startsWith(location.origin)).length";
        assert_eq!(page.client.execute(outside, vec![]).await?, 0);
        page.close().await
    });
}

#[test]
fn hosts_that_mean_harm_get_answers_and_nothing_else() {
    in_browser(async {
        let playground = serve(dist()?, "/").await?;
        let site = Site::new("hostile")?;
        site.page(
            &playground,
            "<lambda-playground id=a example=hello></lambda-playground>",
        )?;
        let address = serve(site.folder.clone(), "/").await?;
        let page = Page::open_at(&address, (820, 900)).await?;
        let script = format!(
            "const playground = {playground:?}; {}",
            r#"
            // A host of our own making, without the element.
            const frame = document.createElement('iframe');
            frame.sandbox = 'allow-scripts allow-same-origin';
            frame.src = playground + '#embed=1&wait=1&view=result';
            document.body.append(frame);
            const window_ = frame.contentWindow;
            await new Promise((r) => frame.onload = r);
            // Over the window, only a hello of the parent's counts; nothing of this does anything.
            const circle = {lambdaPlayground: 1, type: 'set'}; circle.self = circle;
            for (const junk of [null, 7, 'hello', [], {}, circle, new Uint8Array(5), {lambdaPlayground: 1}, {lambdaPlayground: 1, type: 'run', id: 1},
                {lambdaPlayground: 1, type: 'hello'}, {lambdaPlayground: 1, type: 'hello', id: -1}, {lambdaPlayground: 99, type: 'hello', id: 1},
                {lambdaPlayground: 1n, type: 'hello', id: 1}, {lambdaPlayground: 1, type: 'hello', id: 'x'.repeat(100000)}])
                window_.postMessage(junk, '*');
            let readies = 0, port = null;
            addEventListener('message', (e) => { if (e.source === window_ && e.data?.type === 'ready') { readies++; port ??= e.ports[0]; } });
            await new Promise((r) => setTimeout(r, 300));
            const early = readies;
            for (let n = 0; n < 20; n++) window_.postMessage({lambdaPlayground: 1, type: 'hello', id: 5}, '*');
            while (!port) await new Promise((r) => setTimeout(r, 20));
            await new Promise((r) => setTimeout(r, 200));
            const heard = []; port.onmessage = (e) => heard.push(e.data);
            const ask = (message, bytes) => new Promise((r) => {
                const id = heard.length + 1000 + Math.floor(Math.random() * 1e6);
                const look = setInterval(() => { const it = heard.find((it) => it.replyTo === id); if (it) { clearInterval(look); r(it); } }, 10);
                port.postMessage({lambdaPlayground: 1, id, ...message}); });
            const deep = []; let at = deep; for (let n = 0; n < 500; n++) { at.push([]); at = at[0]; }
            for (const junk of [null, undefined, 7, 'x', [], {}, circle, new Date(), /x/, {lambdaPlayground: 1n}, {lambdaPlayground: 1, type: deep}])
                port.postMessage(junk);
            const answers = {};
            for (const [name, message] of Object.entries({
                eval: {type: 'eval', code: 'alert(1)'}, proto: {type: '__proto__'}, old: {type: 'run', lambdaPlayground: 0},
                nan: {type: 'seek', ns: NaN}, negative: {type: 'seek', ns: -1}, huge: {type: 'seek', ns: '1'.repeat(50)},
                theme: {type: 'theme', theme: 'dark"><script>'}, nothing: {type: 'run'}, scenario: {type: 'getScenario'},
            })) answers[name] = (await ask(message)).code ?? 'done';
            // A function that is no function, an event that is none, a name that is markup; then a good one: it still runs.
            const noise = await ask({type: 'set', name: '<img src=x onerror=parent.pwned=1>', bytes: new Uint8Array([1, 2, 3]), run: true});
            const bad = await ask({type: 'set', event: '{', trigger: 'x'.repeat(1e5), settings: {environment: {'A\nB': '1'}}});
            while (!heard.some((it) => it.type === 'error' && it.code.startsWith('module'))) await new Promise((r) => setTimeout(r, 20));
            await ask({type: 'set', example: 'hello', event: {}, run: true});
            while (!heard.some((it) => it.type === 'finished')) await new Promise((r) => setTimeout(r, 20));
            return {early, readies, answers, noise: noise.type, bad: bad.type, outcome: heard.find((it) => it.type === 'finished').invocation.outcome,
                    pwned: window.pwned ?? null};"#
        );
        let said = call(&page, &script).await?;
        assert_eq!(said["early"], 0, "{said}");
        assert_eq!(
            said["readies"], 1,
            "the same hello again is the same host: {said}"
        );
        assert_eq!(
            said["answers"],
            json!({"eval": "embed.type", "proto": "embed.type", "old": "embed.version", "nan": "embed.message",
                   "negative": "embed.message", "huge": "embed.message", "theme": "embed.message",
                   "nothing": "embed.nothing", "scenario": "embed.nothing"})
        );
        assert_eq!(
            (&said["noise"], &said["bad"]),
            (&json!("done"), &json!("done"))
        );
        assert_eq!(
            (&said["outcome"], &said["pwned"]),
            (&json!("succeeded"), &Value::Null)
        );
        page.close().await
    });
}

#[test]
fn only_the_page_around_it_is_listened_to() {
    in_browser(async {
        let site = Site::new("stranger")?.with_playground()?;
        // A frame of the host's own origin that says hello to its neighbour.
        let stranger = "<iframe id=s srcdoc=\"<script>\
            setInterval(() => parent.target?.postMessage({lambdaPlayground: 1, type: 'hello', id: 3}, '*'), 20);\
            addEventListener('message', (e) => { if (e.data?.type === 'ready') parent.stolen = true; });\
            </script>\"></iframe>";
        let page = open(
            &site,
            &format!("<lambda-playground id=a example=hello></lambda-playground>{stranger}"),
        )
        .await?;
        let said = call(
            &page,
            "const a = document.getElementById('a'); const run = a.run();
             window.target = a.shadowRoot.querySelector('iframe').contentWindow;
             const ran = await run;
             await new Promise((r) => setTimeout(r, 300));
             return [ran.invocation.outcome, window.stolen ?? false]",
        )
        .await?;
        assert_eq!(said, json!(["succeeded", false]));
        page.close().await
    });
}

/// Links as earlier versions made them, and links as nobody should.
#[test]
fn an_embed_opens_links_of_every_age_and_survives_hostile_ones() {
    in_browser(async {
        let site = Site::new("links")?.with_playground()?;
        let old = include_str!("../links/version-1.txt").trim();
        // Cut off, of the future, no link at all, one that unfolds without end, and markup.
        let hostile = [
            &old[..old.len() / 2],
            "9.abc",
            "nonsense",
            &bomb(),
            "1.<img src=x onerror=alert(1)>",
        ];
        let mut body = format!(
            "<lambda-playground id=old view='timeline,result' scenario='{old}'></lambda-playground>"
        );
        for (index, link) in hostile.iter().enumerate() {
            let link = link.replace('<', "&lt;");
            body += &format!(
                "<lambda-playground id=h{index} view=result loading=eager scenario=\"{link}\"></lambda-playground>"
            );
        }
        let page = open(&site, &body).await?;
        let ran = call(&page, "return await document.getElementById('old').run()").await?;
        assert_eq!(ran["invocation"]["memoryMb"], 1769, "{ran}");
        assert_eq!(ran["invocation"]["outcome"], "succeeded");
        for index in 0..hostile.len() {
            page.until(
                "the reader and the host are told",
                &format!(
                    "return part('h{index}', 'embed-problems')?.innerText.includes('link.') \
                     && told.some((it) => it.id === 'h{index}' && it.type === 'error' && it.detail.code.startsWith('link.'))"
                ),
            )
            .await?;
        }
        page.close().await
    });
}

/// A link that unfolds to more than anybody needs.
fn bomb() -> String {
    let spaces = vec![b' '; 64 * 1024 * 1024];
    let mut packed = Vec::new();
    // Reading from memory does not fail.
    let _ = DeflateEncoder::new(spaces.as_slice(), Compression::best()).read_to_end(&mut packed);
    format!("1.{}", URL_SAFE_NO_PAD.encode(packed))
}
