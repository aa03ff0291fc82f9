//! What a browser test needs: a static server for the built page, a real Chromium, and patience without sleeping blindly.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// How long to wait for the page before a test fails: generous, because CI machines are slow, and never slept through.
const PATIENCE: Duration = Duration::from_secs(60);

/// A page in a real browser. Everything ends with [`Page::close`], or when it is dropped.
pub struct Page {
    pub client: Client,
    pub address: String,
    _driver: Child,
    profile: PathBuf,
}

/// The folder of the built page.
///
/// # Errors
/// When it has not been built, with the command that builds it.
pub fn dist() -> Result<PathBuf, String> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
    if dist.join("index.html").exists() {
        Ok(dist)
    } else {
        Err(
            "the page is not built: run `trunk build --release` (scripts/test does) before the browser tests"
                .to_owned(),
        )
    }
}

impl Page {
    /// Opens the built page, served under `/some/path/` as any static host might.
    pub async fn open() -> Result<Self, Box<dyn std::error::Error>> {
        let address = serve(dist()?, "/some/path/").await?;
        Self::open_at(&address, (1440, 900)).await
    }

    /// Opens an address in a window of this size.
    pub async fn open_at(
        address: &str,
        (width, height): (u32, u32),
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let port = free_port().await?;
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("chromedriver does not start ({error}): run scripts/setup"))?;
        let profile = std::env::temp_dir().join(format!("lambda-playground-{port}"));
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &format!("--window-size={width},{height}"),
            &format!("--user-data-dir={}", profile.display()),
        ];
        let mut capabilities = serde_json::Map::new();
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            serde_json::json!({ "args": arguments }),
        );
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let began = Instant::now();
        let client = loop {
            match builder.connect(&format!("http://localhost:{port}")).await {
                Ok(client) => break client,
                Err(error) if began.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        client.set_ua_timeouts().await?;
        client.goto(address).await?;
        let page = Self {
            client,
            address: address.to_owned(),
            _driver: driver,
            profile,
        };
        Ok(page)
    }

    /// Waits until the page is mounted and its worker has answered.
    pub async fn ready(&self) -> Outcome {
        self.until(
            "the engine is ready",
            "return document.documentElement.dataset.engine === 'ready'",
        )
        .await
    }

    /// The element with this `data-testid`, once it is there.
    pub async fn find(&self, id: &str) -> Result<Element, Box<dyn std::error::Error>> {
        Ok(self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&format!("[data-testid='{id}']")))
            .await
            .map_err(|error| format!("no element {id}: {error}"))?)
    }

    /// Clicks the element with this `data-testid`.
    pub async fn click(&self, id: &str) -> Outcome {
        self.find(id).await?.click().await?;
        Ok(())
    }

    /// The visible text of the element with this `data-testid`.
    pub async fn text(&self, id: &str) -> Result<String, Box<dyn std::error::Error>> {
        Ok(self.find(id).await?.text().await?)
    }

    /// Waits until the element's text satisfies `wanted`, and answers the text.
    pub async fn text_when(
        &self,
        id: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let began = Instant::now();
        loop {
            let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`); \
                          return e ? (e.innerText || e.value || '') : null";
            let text = self.client.execute(script, vec![id.into()]).await?;
            if let Some(text) = text.as_str()
                && wanted(text)
            {
                return Ok(text.to_owned());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("{id} never became what was wanted; it says {text}").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a script answers true.
    pub async fn until(&self, what: &str, script: &str) -> Outcome {
        let began = Instant::now();
        while self.client.execute(script, vec![]).await? != serde_json::Value::Bool(true) {
            if began.elapsed() > PATIENCE {
                return Err(format!("waited in vain until {what}").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Sets an input's value as a person would: value, `input` and `change` events.
    pub async fn set(&self, id: &str, value: &str) -> Outcome {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`); \
             const owner = e instanceof HTMLTextAreaElement ? HTMLTextAreaElement \
                 : e instanceof HTMLSelectElement ? HTMLSelectElement : HTMLInputElement; \
             Object.getOwnPropertyDescriptor(owner.prototype, 'value').set.call(e, arguments[1]); \
             e.dispatchEvent(new Event('input', {bubbles: true})); \
             e.dispatchEvent(new Event('change', {bubbles: true}));";
        self.find(id).await?;
        self.client
            .execute(script, vec![id.into(), value.into()])
            .await?;
        Ok(())
    }

    /// Presses keys as a person does who has clicked nothing.
    pub async fn press(&self, keys: &str) -> Outcome {
        let body = self.client.find(Locator::Css("body")).await?;
        body.send_keys(keys).await?;
        Ok(())
    }

    /// Sets up a load of a model: so many requests a second, for so many seconds.
    pub async fn load(&self, trigger: &str, rate: u32, seconds: u32) -> Outcome {
        self.click(&format!("trigger-{trigger}")).await?;
        self.until(
            "the load can be set",
            "document.querySelector(`[data-testid='load-settings']`).open = true; return true",
        )
        .await?;
        self.set("load-kind", "constant").await?;
        self.set("load-rate-input", &rate.to_string()).await?;
        self.set("load-seconds-input", &seconds.to_string()).await?;
        self.set("load-runs", "model").await
    }

    /// Gives a file to the upload button.
    pub async fn upload(&self, file: &Path) -> Outcome {
        self.find("upload-input")
            .await?
            .send_keys(&file.display().to_string())
            .await?;
        Ok(())
    }

    /// Ends the browser.
    pub async fn close(self) -> Outcome {
        self.client.clone().close().await?;
        Ok(())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

trait Timeouts {
    async fn set_ua_timeouts(&self) -> Outcome;
}

impl Timeouts for Client {
    async fn set_ua_timeouts(&self) -> Outcome {
        let timeouts = fantoccini::wd::TimeoutConfiguration::new(
            Some(Duration::from_secs(600)),
            Some(Duration::from_secs(60)),
            Some(Duration::ZERO),
        );
        self.update_timeouts(timeouts).await?;
        Ok(())
    }
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A folder of the repository's example functions.
pub fn function(id: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("functions/{id}/{id}.wasm"))
}

/// Whether what browser tests need may be missing: `scripts/test` says no, plain `cargo test` on a fresh checkout yes.
fn passed_over() -> bool {
    std::env::var_os("LAMBDA_PLAYGROUND_REQUIRE_BROWSER").is_none()
        && (dist().is_err()
            || std::process::Command::new("chromedriver")
                .arg("--version")
                .output()
                .is_err())
}

/// Runs a browser test on one thread, or says loudly that it was passed over because there is no page or no browser.
pub fn in_browser(body: impl Future<Output = Outcome>) {
    if passed_over() {
        eprintln!(
            "passed over: the page is not built or chromedriver is not there; scripts/test sees to both"
        );
        return;
    }
    block_on(body);
}

/// Runs an asynchronous body on one thread.
pub fn block_on(body: impl Future<Output = Outcome>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    if let Err(error) = runtime.block_on(body) {
        panic!("{error}");
    }
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))
        .await?
        .local_addr()?
        .port())
}

/// Serves a folder under a prefix on a free port of this machine; answers the page's address.
pub async fn serve(folder: PathBuf, prefix: &str) -> std::io::Result<String> {
    Ok(serve_until(folder, prefix).await?.0)
}

/// The same, from a host that sends further headers: whole lines.
pub async fn serve_with(
    folder: PathBuf,
    prefix: &str,
    headers: &'static str,
) -> std::io::Result<String> {
    Ok(server(folder, prefix, headers).await?.0)
}

/// The same, with the task that serves: whoever aborts it takes the server off the network.
pub async fn serve_until(
    folder: PathBuf,
    prefix: &str,
) -> std::io::Result<(String, tokio::task::JoinHandle<()>)> {
    server(folder, prefix, "").await
}

async fn server(
    folder: PathBuf,
    prefix: &str,
    headers: &'static str,
) -> std::io::Result<(String, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let prefix_owned = prefix.to_owned();
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (folder, prefix) = (folder.clone(), prefix_owned.clone());
            tokio::spawn(async move {
                // A browser that closes its connection early is no failure of ours.
                let _ = answer(stream, &folder, &prefix, headers).await;
            });
        }
    });
    Ok((format!("http://127.0.0.1:{port}{prefix}"), server))
}

async fn answer(
    mut stream: TcpStream,
    folder: &Path,
    prefix: &str,
    headers: &str,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or("/");
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let file = path
        .strip_prefix(prefix)
        .filter(|rest| !rest.contains(".."))
        .map(|rest| folder.join(if rest.is_empty() { "index.html" } else { rest }));
    let content = file.as_ref().and_then(|file| std::fs::read(file).ok());
    let (status, content) = content.map_or(("404 Not Found", Vec::new()), |c| ("200 OK", c));
    let kind = match file.as_ref().and_then(|file| file.extension()?.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n",
        content.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&content).await?;
    stream.shutdown().await
}
