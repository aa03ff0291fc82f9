//! Pictures as files: SVG as it is, PNG drawn by the browser.

use js_sys::encode_uri_component;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

use super::save::{download, download_blob};
use crate::ui::pictures::Figure;

/// Pixels of the PNG for each CSS pixel: sharp on screens that have two.
const SCALE: f64 = 2.0;

/// Saves an SVG.
pub fn save_svg(name: &str, svg: &str) {
    download(name, svg.as_bytes());
}

/// Draws a picture on a canvas and saves it; tells `done` whether that worked.
pub fn png(name: String, figure: Figure, done: impl Fn(bool) + Copy + 'static) {
    if begin(name, &figure, done).is_none() {
        done(false);
    }
}

fn begin(name: String, figure: &Figure, done: impl Fn(bool) + Copy + 'static) -> Option<()> {
    let image = HtmlImageElement::new().ok()?;
    let drawn = {
        let (image, (width, height)) = (image.clone(), figure.size);
        Closure::once_into_js(move || {
            if draw(name, &image, (width, height), done).is_none() {
                done(false);
            }
        })
    };
    let broken = Closure::once_into_js(move || done(false));
    image.set_onload(Some(drawn.unchecked_ref()));
    image.set_onerror(Some(broken.unchecked_ref()));
    // An address of its own kind: the page's policy takes pictures from its own host and as data only.
    let data = String::from(encode_uri_component(&figure.svg));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{data}"));
    Some(())
}

fn draw(
    name: String,
    image: &HtmlImageElement,
    (width, height): (u32, u32),
    done: impl Fn(bool) + Copy + 'static,
) -> Option<()> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    let scaled = |length: u32| f64::from(length) * SCALE;
    canvas.set_width(scaled(width) as u32);
    canvas.set_height(scaled(height) as u32);
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d").ok().flatten()?.dyn_into().ok()?;
    context
        .draw_image_with_html_image_element_and_dw_and_dh(
            image,
            0.0,
            0.0,
            scaled(width),
            scaled(height),
        )
        .ok()?;
    let save = Closure::once_into_js(move |blob: JsValue| match blob.dyn_into::<Blob>() {
        Ok(blob) => {
            download_blob(&name, &blob);
            done(true);
        }
        Err(_) => done(false),
    });
    canvas.to_blob(save.unchecked_ref()).ok()
}
