//! A picture as SVG: shapes and words one after the other, with a title and a description for those who do not see it.
//!
//! It needs nothing from outside, no fonts, no style sheets, no scripts, so that it looks the same in a page, a README and a
//! drawing program.

use std::fmt::Write as _;

/// How wide a letter is on average, as a part of the type's size.
const LETTER: f64 = 0.55;

/// The colours of a picture. Those of the page's own style sheets, as plain values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// The ground.
    pub paper: &'static str,
    /// Boxes and lanes on it.
    pub well: &'static str,
    /// Words.
    pub ink: &'static str,
    /// Words of less weight.
    pub ink_2: &'static str,
    /// Lines between things.
    pub rule: &'static str,
    /// Edges of things.
    pub edge: &'static str,
    /// The handler at work, and words on it.
    pub handler: [&'static str; 2],
    /// Init, and words on it.
    pub init: [&'static str; 2],
    /// Waiting in a queue, and words on it.
    pub queue: [&'static str; 2],
    /// A caller who waits, and words on it.
    pub calling: [&'static str; 2],
    /// Success.
    pub good: &'static str,
    /// Failure.
    pub bad: &'static str,
}

impl Palette {
    /// For light pages.
    pub const LIGHT: Self = Self {
        paper: "#ffffff",
        well: "#f7f7f5",
        ink: "#16181d",
        ink_2: "#454a55",
        rule: "#deded9",
        edge: "#848a96",
        handler: ["#f28f38", "#261302"],
        init: ["#7fb4f0", "#06203f"],
        queue: ["#bda7f2", "#1d0b45"],
        calling: ["#d5d9e0", "#16181d"],
        good: "#17663a",
        bad: "#b0231b",
    };
    /// For dark pages.
    pub const DARK: Self = Self {
        paper: "#16191d",
        well: "#101317",
        ink: "#e8eaee",
        ink_2: "#b2b8c3",
        rule: "#2a2f36",
        edge: "#69717e",
        handler: ["#ef9240", "#261302"],
        init: ["#6ba6ea", "#06203f"],
        queue: ["#a98fe6", "#1d0b45"],
        calling: ["#353c47", "#e8eaee"],
        good: "#74d69f",
        bad: "#ff948a",
    };
}

/// Where words stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Their beginning, middle or end, see [`Anchor`].
    pub x: f64,
    /// Their baseline.
    pub y: f64,
    /// Which of the three.
    pub anchor: Anchor,
    /// Room in pixels; what is longer is cut.
    pub room: f64,
}

/// Which part of a line of words stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A picture being drawn. All lengths are CSS pixels.
#[derive(Debug, Clone)]
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty picture on a ground.
    pub fn new(width: f64, height: f64, ground: &str) -> Self {
        let mut svg = Self {
            width,
            height,
            body: String::new(),
        };
        svg.rect([0.0, 0.0, width, height], 0.0, ground, None);
        svg
    }

    /// A rectangle: left, top, width, height.
    pub fn rect(
        &mut self,
        [x, y, width, height]: [f64; 4],
        radius: f64,
        fill: &str,
        edge: Option<&str>,
    ) {
        let _ = write!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0))
        );
        if radius > 0.0 {
            let _ = write!(self.body, " rx=\"{}\"", number(radius));
        }
        let _ = write!(self.body, " fill=\"{fill}\"");
        if let Some(edge) = edge {
            let _ = write!(self.body, " stroke=\"{edge}\"");
        }
        self.body.push_str("/>\n");
    }

    /// A circle.
    pub fn circle(&mut self, (x, y): (f64, f64), radius: f64, fill: &str) {
        let _ = writeln!(
            self.body,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\"/>",
            number(x),
            number(y),
            number(radius)
        );
    }

    /// Any shape: the data of an SVG path that this program has made.
    pub fn path(&mut self, data: &str, fill: &str, edge: &str) {
        let _ = writeln!(
            self.body,
            "<path d=\"{data}\" fill=\"{fill}\" stroke=\"{edge}\"/>"
        );
    }

    /// What `draw` draws, moved to the right and down.
    pub fn shifted(&mut self, by: f64, draw: impl FnOnce(&mut Self)) {
        let by = number(by);
        let _ = writeln!(self.body, "<g transform=\"translate({by} {by})\">");
        draw(self);
        self.body.push_str("</g>\n");
    }

    /// A line, with a head when it is an arrow.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, arrow: bool) {
        let _ = writeln!(
            self.body,
            "<path d=\"M{} {}L{} {}\" fill=\"none\" stroke=\"{colour}\"/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1)
        );
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if arrow && length > 0.0 {
            let (ux, uy) = (dx / length, dy / length);
            let corner = |side: f64| {
                let (x, y) = (to.0 - 7.0 * ux, to.1 - 7.0 * uy);
                format!("{} {}", number(x - side * uy), number(y + side * ux))
            };
            let data = format!(
                "M{} {}L{}L{}z",
                number(to.0),
                number(to.1),
                corner(3.5),
                corner(-3.5)
            );
            self.path(&data, colour, "none");
        }
    }

    /// A line of words.
    pub fn words(&mut self, place: Place, size: f64, bold: bool, colour: &str, words: &str) {
        let letters = (place.room / (size * LETTER)).floor().max(0.0) as usize;
        let cut = cut(words, letters);
        if cut.is_empty() {
            return;
        }
        let anchor = match place.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if bold { " font-weight=\"600\"" } else { "" };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{anchor}{weight} fill=\"{colour}\">{}</text>",
            number(place.x),
            number(place.y),
            number(size),
            escaped(&cut)
        );
    }

    /// The whole, with its name and what is to be seen on it.
    pub fn finish(self, title: &str, description: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" \
             aria-labelledby=\"t d\" font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif\">\n\
             <title id=\"t\">{2}</title>\n<desc id=\"d\">{3}</desc>\n{4}</svg>\n",
            number(self.width),
            number(self.height),
            escaped(title),
            escaped(description),
            self.body
        )
    }
}

/// A length with at most one digit behind the point.
fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0" } else { short }.to_owned()
}

/// The first letters of a text, and a sign that there were more.
fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    // One or two letters say nothing.
    if letters < 4 {
        return String::new();
    }
    let begin: String = text.chars().take(letters - 1).collect();
    format!("{}…", begin.trim_end())
}

/// A text as XML: what XML cannot hold at all becomes a sign for that.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_never_markup() {
        let mut svg = Svg::new(100.0, 50.0, "#fff");
        let place = Place {
            x: 5.0,
            y: 10.04,
            anchor: Anchor::End,
            room: 66.0,
        };
        svg.words(place, 12.0, true, "#000", "<b>&\u{1}\"x\" much too long");
        svg.line((0.0, 0.0), (10.0, 0.0), "#000", true);
        let text = svg.finish("A & B", "c < d");
        assert!(
            text.contains(">&lt;b&gt;&amp;\u{fffd}&quot;x&quot;…</text>"),
            "{text}"
        );
        assert!(text.contains("<title id=\"t\">A &amp; B</title>"));
        assert!(text.contains("text-anchor=\"end\" font-weight=\"600\""));
        assert!(text.contains("y=\"10\""));
        assert!(text.contains("M10 0L3 3.5L3 -3.5z"), "{text}");
    }
}
