//! Speaks the session protocol with a worker of the built page, in the page's own origin, without the page's interface.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lambda_playground::lambda::event::Entry;
use lambda_playground::scenario::{ModuleHash, Scenario};
use lambda_playground::session::protocol::{Command, Update};
use lambda_playground::sim::SimTime;

use super::support::Page;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A worker of ours, named so that several can live in one page.
pub struct Link<'a> {
    page: &'a Page,
    name: &'static str,
}

/// A finished run.
pub struct Ran {
    pub entries: Vec<Entry>,
    pub end: SimTime,
    pub real_us: u64,
}

impl<'a> Link<'a> {
    /// Starts the worker behind `loader` (`worker_loader.js` or `interpreter_loader.js`).
    pub async fn start(page: &'a Page, name: &'static str, loader: &str) -> Result<Link<'a>> {
        let script = "const [name, loader] = arguments; \
            const worker = new Worker(new URL(loader, document.baseURI), {type: 'module'}); \
            const link = {worker, updates: [], error: null}; \
            worker.onmessage = e => link.updates.push(btoa(Array.from(e.data, b => String.fromCharCode(b)).join(''))); \
            worker.onerror = e => link.error = e.message || 'the worker failed'; \
            (window.links ??= {})[name] = link;";
        page.client
            .execute(script, vec![name.into(), loader.into()])
            .await?;
        let link = Self { page, name };
        link.wait(|update| matches!(update, Update::Ready { .. }))
            .await?;
        Ok(link)
    }

    /// Loads a module.
    pub async fn load(&self, bytes: &[u8]) -> Result<ModuleHash> {
        self.send(&Command::Inspect {
            token: 0,
            name: "test.wasm".to_owned(),
            bytes: bytes.to_vec(),
        })
        .await?;
        let updates = self
            .wait(|update| matches!(update, Update::Accepted { .. } | Update::Rejected { .. }))
            .await?;
        match updates.last() {
            Some(Update::Accepted { module, .. }) => Ok(module.clone()),
            other => Err(format!("not accepted: {other:?}").into()),
        }
    }

    /// Milliseconds from sending a module to its acceptance, measured in the page.
    pub async fn time_to_accept(&self, bytes: &[u8]) -> Result<f64> {
        let command = Command::Inspect {
            token: 0,
            name: "test.wasm".to_owned(),
            bytes: bytes.to_vec(),
        };
        let script = "const [name, text, done] = arguments; const link = window.links[name]; \
            const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)); const old = link.worker.onmessage; \
            const t0 = performance.now(); \
            link.worker.onmessage = () => { link.worker.onmessage = old; done(performance.now() - t0); }; \
            link.worker.postMessage(bytes, [bytes.buffer]);";
        let bytes = BASE64.encode(postcard::to_stdvec(&command)?);
        let time = self
            .page
            .client
            .execute_async(script, vec![self.name.into(), bytes.into()])
            .await?;
        Ok(time.as_f64().unwrap_or(f64::NAN))
    }

    /// Runs a scenario to its end.
    pub async fn run(&self, scenario: &Scenario) -> Result<Ran> {
        self.send(&Command::Run {
            run: 1,
            scenario: Box::new(scenario.clone()),
            patience_ms: 60_000,
        })
        .await?;
        let updates = self
            .wait(|update| matches!(update, Update::Finished { .. } | Update::Refused { .. }))
            .await?;
        let mut ran = Ran {
            entries: Vec::new(),
            end: SimTime::ZERO,
            real_us: 0,
        };
        for update in updates {
            match update {
                Update::Entries { entries, .. } => ran.entries.extend(entries),
                Update::Finished { end, real_us, .. } => (ran.end, ran.real_us) = (end, real_us),
                Update::Refused { problems, .. } => return Err(format!("{problems:?}").into()),
                _ => {}
            }
        }
        Ok(ran)
    }

    async fn send(&self, command: &Command) -> Result<()> {
        let bytes = BASE64.encode(postcard::to_stdvec(command)?);
        let script = "const bytes = Uint8Array.from(atob(arguments[1]), c => c.charCodeAt(0)); \
                      window.links[arguments[0]].worker.postMessage(bytes, [bytes.buffer]);";
        self.page
            .client
            .execute(script, vec![self.name.into(), bytes.into()])
            .await?;
        Ok(())
    }

    /// Collects updates until one satisfies `last`.
    async fn wait(&self, last: impl Fn(&Update) -> bool) -> Result<Vec<Update>> {
        let began = Instant::now();
        let mut updates = Vec::new();
        loop {
            let script = "const link = window.links[arguments[0]]; \
                          return link.error ? link.error : link.updates.splice(0)";
            let drained = self
                .page
                .client
                .execute(script, vec![self.name.into()])
                .await?;
            let Some(drained) = drained.as_array() else {
                return Err(format!("{}: {drained}", self.name).into());
            };
            for update in drained {
                let bytes = BASE64.decode(update.as_str().unwrap_or_default())?;
                updates.push(postcard::from_bytes(&bytes)?);
            }
            if updates.iter().any(&last) {
                return Ok(updates);
            }
            if began.elapsed() > Duration::from_secs(120) {
                return Err(format!("{} does not answer; so far {updates:?}", self.name).into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
