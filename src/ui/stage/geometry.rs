//! Where everything stands: boxes side by side on a wide stage, one below the other on a narrow one.

use super::scene::Cast;

/// Room between two boxes, for an arrow, in pixels: at least, and where there is room.
const GAP: Width = Width(32.0, 46.0);
/// The same on a narrow stage, downwards.
const GAP_DOWN: f64 = 24.0;
/// Room between boxes of the same column or row.
const STACK: f64 = 10.0;
/// Height of a box.
const BOX_HEIGHT: f64 = 88.0;
/// Height of the environments' box on a narrow stage.
const FIELD_HEIGHT: f64 = 124.0;
/// How wide boxes are on a wide stage. The environments' box takes what is left.
const CALLERS: Width = Width(118.0, 150.0);
const FRONT_END: Width = Width(104.0, 128.0);
const QUEUE: Width = Width(122.0, 150.0);
const FIELD: Width = Width(150.0, 200.0);
const ANSWERS: Width = Width(136.0, 186.0);
/// Distance of two marks: each is wide enough to be touched.
const MARK: f64 = 24.0;
/// Distance of content from a box's edge.
const PAD: f64 = 10.0;
/// Room for a box's title and figure, above what else is in it.
const HEAD: f64 = 46.0;
/// More targets than these are told by the last one.
pub const MOST_TARGETS: usize = 3;
/// Up to so many environments have room for words.
pub const LABELLED: usize = 8;

/// A width in pixels: at least, and where there is room.
#[derive(Debug, Clone, Copy)]
struct Width(f64, f64);

impl Width {
    fn between(self, part: f64) -> f64 {
        self.0 + (self.1 - self.0) * part
    }
}

/// One place on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Station {
    /// Whoever calls Lambda.
    Callers,
    /// The queue or stream that a mapping reads.
    Source(u16),
    /// Lambda's API: lets in, accepts or refuses.
    FrontEnd,
    /// The queue of asynchronous events.
    Queue,
    /// The execution environments.
    Environments,
    /// How requests ended.
    Answers,
    /// A destination or dead-letter queue, by its number in the cast.
    Target(usize),
}

/// A rectangle, in pixels from the stage's upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    fn right(self) -> f64 {
        self.x + self.width
    }

    fn bottom(self) -> f64 {
        self.y + self.height
    }
}

/// A straight way between two boxes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way {
    /// Where it begins.
    pub from: (f64, f64),
    /// Where it ends.
    pub to: (f64, f64),
}

/// How environments are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    area: Rect,
    columns: usize,
    cell: (f64, f64),
    /// Whether cells have room for words.
    pub labelled: bool,
    /// How many environments one cell stands for.
    pub each: usize,
}

impl Field {
    /// The place of a cell.
    pub fn cell(&self, index: usize) -> Rect {
        let columns = self.columns.max(1);
        let (column, row) = (index % columns, index / columns);
        let gap = if self.labelled { 6.0 } else { 2.0 };
        Rect {
            x: self.area.x + column as f64 * self.cell.0,
            y: self.area.y + row as f64 * self.cell.1,
            width: (self.cell.0 - gap).max(1.0),
            height: (self.cell.1 - gap).max(1.0),
        }
    }

    /// The cell at a place, counted as [`Self::cell`] counts them.
    pub fn index_at(&self, x: f64, y: f64) -> Option<usize> {
        let column = ((x - self.area.x) / self.cell.0).floor();
        let row = ((y - self.area.y) / self.cell.1).floor();
        let inside = column >= 0.0 && row >= 0.0 && column < self.columns as f64;
        inside.then(|| row as usize * self.columns + column as usize)
    }

    /// Whether a mark has room in a cell.
    pub fn has_room_for_marks(&self) -> bool {
        self.each == 1 && self.cell.0 >= MARK && self.cell.1 >= MARK
    }
}

/// Every place, at one width.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Geometry {
    /// The boxes, in reading order.
    pub boxes: Vec<(Station, Rect)>,
    /// The stage's height.
    pub height: f64,
    /// Whether boxes stand one below the other.
    pub narrow: bool,
}

impl Geometry {
    /// Lays the stage out.
    pub fn new(width: f64, cast: &Cast) -> Self {
        let mut first: Vec<Station> = cast.sources.keys().map(|it| Station::Source(*it)).collect();
        if !cast.callers.is_empty() || first.is_empty() {
            first.insert(0, Station::Callers);
        }
        let mut last = vec![Station::Answers];
        last.extend((0..cast.targets.len().min(MOST_TARGETS)).map(Station::Target));
        let mut columns = vec![(first, CALLERS), (vec![Station::FrontEnd], FRONT_END)];
        if cast.queue {
            columns.push((vec![Station::Queue], QUEUE));
        }
        columns.push((vec![Station::Environments], FIELD));
        columns.push((last, ANSWERS));
        let needed = |part: f64| {
            let boxes: f64 = columns.iter().map(|(_, width)| width.between(part)).sum();
            boxes + GAP.between(part) * (columns.len() - 1) as f64
        };
        let (least, roomy) = (needed(0.0), needed(1.0));
        if width < least {
            return Self::narrow(width, columns.into_iter().map(|(column, _)| column));
        }
        let part = ((width - least) / (roomy - least)).min(1.0);
        let spare = width - needed(part);
        let columns = columns
            .into_iter()
            .map(|(column, width)| (column, width.between(part)));
        Self::wide(spare, GAP.between(part), columns.collect())
    }

    fn wide(spare: f64, gap: f64, columns: Vec<(Vec<Station>, f64)>) -> Self {
        let most = columns.iter().map(|(column, _)| column.len()).max();
        let most = most.unwrap_or(1).max(2);
        let height = most as f64 * (BOX_HEIGHT + STACK) - STACK;
        let mut boxes = Vec::new();
        let mut x = 0.0;
        for (column, width) in columns {
            let field = column.contains(&Station::Environments);
            let width = if field { width + spare } else { width };
            let each = if field { height } else { BOX_HEIGHT };
            let whole = column.len() as f64 * (each + STACK) - STACK;
            let mut y = (height - whole) / 2.0;
            for station in column {
                let rect = Rect {
                    x,
                    y,
                    width,
                    height: each,
                };
                boxes.push((station, rect));
                y += each + STACK;
            }
            x += width + gap;
        }
        Self {
            boxes,
            height,
            narrow: false,
        }
    }

    /// Callers beside the front end; all else one below the other.
    fn narrow(width: f64, columns: impl Iterator<Item = Vec<Station>>) -> Self {
        let mut rows: Vec<(Vec<Station>, f64)> = Vec::new();
        for column in columns {
            match rows.first_mut() {
                Some((first, gap)) if column.contains(&Station::FrontEnd) => {
                    first.extend(column);
                    *gap = GAP.0;
                }
                _ => rows.push((column, STACK)),
            }
        }
        let mut boxes = Vec::new();
        let mut y = 0.0;
        for (row, gap) in rows {
            let field = row.contains(&Station::Environments);
            let height = if field { FIELD_HEIGHT } else { BOX_HEIGHT };
            let each = (width + gap) / row.len().max(1) as f64 - gap;
            for (index, station) in row.iter().enumerate() {
                let rect = Rect {
                    x: index as f64 * (each + gap),
                    y,
                    width: each.max(1.0),
                    height,
                };
                boxes.push((*station, rect));
            }
            y += height + GAP_DOWN;
        }
        Self {
            boxes,
            height: y - GAP_DOWN,
            narrow: true,
        }
    }

    /// The box of a station.
    pub fn of(&self, station: Station) -> Option<Rect> {
        self.boxes
            .iter()
            .find(|(known, _)| *known == station)
            .map(|(_, rect)| *rect)
    }

    /// The way from one box to another; `back` is a second way beside the first, in the other direction.
    pub fn way(&self, from: Station, to: Station, back: bool) -> Option<Way> {
        let (a, b) = (self.of(from)?, self.of(to)?);
        let aside = if back { 14.0 } else { 0.0 };
        // Across where the boxes stand side by side, else down or up; through what both have in common.
        let shared = |from: f64, to: f64| (from + to) / 2.0 + aside;
        let (top, bottom) = (a.y.max(b.y), a.bottom().min(b.bottom()));
        let (from, to) = if top < bottom {
            let y = shared(top, bottom);
            if b.x > a.x {
                ((a.right() + 3.0, y), (b.x - 3.0, y))
            } else {
                ((a.x - 3.0, y), (b.right() + 3.0, y))
            }
        } else {
            let x = shared(a.x.max(b.x), a.right().min(b.right()));
            if b.y > a.y {
                ((x, a.bottom() + 2.0), (x, b.y - 3.0))
            } else {
                ((x, a.y - 2.0), (x, b.bottom() + 3.0))
            }
        };
        Some(Way { from, to })
    }

    /// How many marks a box has room for.
    pub fn slots(&self, station: Station) -> usize {
        self.of(station).map_or(0, |rect| {
            ((rect.width - 2.0 * PAD) / MARK).floor().max(0.0) as usize
        })
    }

    /// The middle of a box's mark, counted from the left.
    pub fn slot(&self, station: Station, index: usize) -> Option<(f64, f64)> {
        let rect = self.of(station)?;
        Some((
            rect.x + PAD + MARK * (index as f64 + 0.5),
            rect.bottom() - PAD - 4.0,
        ))
    }

    /// How so many environments are drawn.
    pub fn field(&self, environments: usize) -> Option<Field> {
        let rect = self.of(Station::Environments)?;
        let area = Rect {
            x: rect.x + PAD,
            y: rect.y + HEAD,
            width: (rect.width - 2.0 * PAD).max(1.0),
            height: (rect.height - HEAD - PAD).max(1.0),
        };
        if environments <= LABELLED {
            let columns = ((area.width / 150.0).floor() as usize).clamp(1, 4);
            let rows = environments.max(1).div_ceil(columns);
            let height = (area.height / rows as f64).min(44.0);
            if height >= 26.0 {
                let cell = (area.width / columns as f64, height);
                return Some(Field {
                    area,
                    columns,
                    cell,
                    labelled: true,
                    each: 1,
                });
            }
        }
        let mut each = 1;
        loop {
            let cells = environments.div_ceil(each);
            for size in [26.0, 22.0, 18.0, 15.0, 12.0, 10.0, 8.0, 7.0, 6.0] {
                let columns = (area.width / size).floor().max(1.0) as usize;
                let rows = (area.height / size).floor().max(1.0) as usize;
                if columns * rows >= cells || (size <= 6.0 && each >= environments) {
                    return Some(Field {
                        area,
                        columns,
                        cell: (size, size),
                        labelled: false,
                        each,
                    });
                }
            }
            each = match each {
                1 => 5,
                _ => each * 2,
            };
        }
    }
}
