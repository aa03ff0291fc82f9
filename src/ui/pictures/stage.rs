//! The stage at a moment.

use super::{Figure, alt};
use crate::export::svg::{Anchor, Palette, Place, Svg};
use crate::lambda::event::Entry;
use crate::sim::SimTime;
use crate::ui::stage::geometry::Geometry;
use crate::ui::stage::picture::{MarkId, Tone};
use crate::ui::stage::{Cast, Picture, Scene, picture};
use crate::ui::timeline::axis;

/// Around the stage.
const MARGIN: f64 = 16.0;

/// The stage of a trace at `at`, so many pixels wide.
pub fn stage(entries: &[Entry], at: SimTime, width: f64, palette: &Palette) -> Figure {
    let cast = Cast::of(entries);
    let mut scene = Scene::default();
    for entry in entries.iter().take_while(|entry| entry.at <= at) {
        scene.apply(entry, &cast);
    }
    let geometry = Geometry::new(width - 2.0 * MARGIN, &cast);
    let picture = picture(&scene, &cast, &geometry, at);
    let height = geometry.height + 2.0 * MARGIN;
    let mut svg = Svg::new(width, height, palette.paper);
    boxes(&mut svg, &geometry, &picture, palette);
    ways(&mut svg, &picture, palette);
    rooms(&mut svg, &geometry, &cast, &picture, palette);
    marks(&mut svg, &picture, palette);

    let mut parts = vec![format!("The service at {}.", axis::instant(at))];
    for words in &picture.words {
        let note = match words.note.is_empty() {
            true => String::new(),
            false => format!(", {}", words.note),
        };
        parts.push(format!("{}: {}{note}.", words.title, words.figure));
    }
    let alt = alt(&parts);
    Figure {
        svg: svg.finish("AWS Lambda at one moment of a run", &alt),
        alt,
        size: (width as u32, height.ceil() as u32),
    }
}

fn boxes(svg: &mut Svg, geometry: &Geometry, picture: &Picture, palette: &Palette) {
    for ((_, rect), words) in geometry.boxes.iter().zip(&picture.words) {
        let (x, y) = (rect.x + MARGIN, rect.y + MARGIN);
        let edge = if words.bad { palette.bad } else { palette.edge };
        svg.rect(
            [x, y, rect.width, rect.height],
            3.0,
            palette.well,
            Some(edge),
        );
        let mut line = |down: f64, size: f64, bold: bool, colour: &str, text: &str| {
            let place = Place {
                x: x + 10.0,
                y: y + down,
                anchor: Anchor::Start,
                room: rect.width - 16.0,
            };
            svg.words(place, size, bold, colour, text);
        };
        let figure = if words.bad { palette.bad } else { palette.ink };
        line(16.0, 11.0, false, palette.ink_2, &words.title);
        line(32.0, 13.0, true, figure, &words.figure);
        line(46.0, 11.0, false, palette.ink_2, &words.note);
    }
}

fn ways(svg: &mut Svg, picture: &Picture, palette: &Palette) {
    for arrow in &picture.arrows {
        let moved = |(x, y): (f64, f64)| (x + MARGIN, y + MARGIN);
        let (from, to) = (moved(arrow.way.from), moved(arrow.way.to));
        let colour = if arrow.label.is_empty() {
            palette.rule
        } else {
            palette.ink_2
        };
        svg.line(from, to, colour, true);
        let (x, y) = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        // As on the page: beside a way that goes down, above one that goes across, the way back on its other side.
        let down = (from.0 - to.0).abs() < 1.0;
        let back = to.0 < from.0 || to.1 < from.1;
        let (x, y, anchor) = match (down, back) {
            (true, false) => (x - 6.0, y + 4.0, Anchor::End),
            (true, true) => (x + 6.0, y + 4.0, Anchor::Start),
            (false, false) => (x, y - 5.0, Anchor::Middle),
            (false, true) => (x, y + 14.0, Anchor::Middle),
        };
        let place = Place {
            x,
            y,
            anchor,
            room: 60.0,
        };
        svg.words(place, 11.0, false, palette.ink_2, &arrow.label);
    }
}

/// What an environment does, as a colour of its ground and one of its words.
fn colours(key: &str, palette: &Palette) -> [&'static str; 2] {
    match key {
        "init" => palette.init,
        "busy" => palette.handler,
        "reset" => [palette.paper, palette.bad],
        "gone" => [palette.well, palette.ink_2],
        _ => [palette.paper, palette.ink],
    }
}

fn rooms(svg: &mut Svg, geometry: &Geometry, cast: &Cast, picture: &Picture, palette: &Palette) {
    let Some(field) = geometry.field(cast.environments) else {
        return;
    };
    for cell in &picture.cells {
        let rect = field.cell(cell.environment.0 as usize);
        let [fill, ink] = colours(cell.key, palette);
        let (x, y) = (rect.x + MARGIN, rect.y + MARGIN);
        svg.rect(
            [x, y, rect.width, rect.height],
            2.0,
            fill,
            Some(palette.edge),
        );
        let place = Place {
            x: x + 6.0,
            y: y + rect.height / 2.0 + 4.0,
            anchor: Anchor::Start,
            room: rect.width - 10.0,
        };
        svg.words(place, 11.0, false, ink, &cell.text);
    }
    for squares in &picture.squares {
        let [fill, _] = colours(squares.key, palette);
        svg.shifted(MARGIN, |svg| svg.path(&squares.path, fill, palette.edge));
    }
}

fn marks(svg: &mut Svg, picture: &Picture, palette: &Palette) {
    for mark in &picture.marks {
        let [fill, ink] = match mark.tone {
            Tone::Waiting => palette.calling,
            Tone::Arriving => [palette.edge, palette.paper],
            Tone::Queued => palette.queue,
            Tone::Running => palette.handler,
            Tone::Well => [palette.good, palette.paper],
            Tone::Badly | Tone::Refused => [palette.bad, palette.paper],
        };
        let (x, y) = (mark.at.0 + MARGIN, mark.at.1 + MARGIN);
        svg.circle((x, y), 8.5, fill);
        if let MarkId::Request(invocation) = mark.id
            && invocation.0 < 999
        {
            let place = Place {
                x,
                y: y + 3.5,
                anchor: Anchor::Middle,
                room: 40.0,
            };
            svg.words(place, 10.0, true, ink, &(invocation.0 + 1).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_trace_is_an_empty_stage() {
        let figure = stage(&[], SimTime::ZERO, 960.0, &Palette::LIGHT);
        assert!(figure.svg.starts_with("<svg ") && figure.svg.ends_with("</svg>\n"));
        assert!(figure.alt.starts_with("The service at "), "{}", figure.alt);
    }
}
