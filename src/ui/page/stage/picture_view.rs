//! The live picture: callers, queue, environments and destinations as they are at the cursor, and requests on their way.

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::MouseEvent;

use super::measure::measure;
use crate::lambda::event::EnvironmentId;
use crate::ui::model::{About, Msg};
use crate::ui::page::inspector::inspect;
use crate::ui::page::live::{Kept, kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::stage::geometry::{Geometry, Station, Way};
use crate::ui::stage::picture::{Arrow, Group, MarkId};
use crate::ui::stage::{Hurry, Picture, Player, dots, picture};
use crate::ui::words;

/// The picture of the service at the cursor. With an `inspector`, presses lead there.
#[component]
pub fn PictureView(inspector: bool) -> impl IntoView {
    let store = use_store();
    let stage = NodeRef::<Div>::new();
    let width = RwSignal::new(0.0);
    measure(stage, width);

    let player = StoredValue::new(Player::default());
    let frames = RwSignal::new(0_u32);
    let hurry = StoredValue::new(Hurry::default());
    // Counts the traces that were put into the player.
    let run = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            let known = player.with_value(|player| player.plays(&shown.entries));
            if !known {
                player.set_value(Player::new(shown.entries.clone(), shown.cast.clone()));
            }
            Some((shown.run, shown.entries.len()))
        })
    });
    let geometry = kept(move || {
        run.get();
        let width = width.get();
        if width <= 0.0 {
            // Not measured yet: nothing stands anywhere, so that nothing flies to its place.
            return Geometry::default();
        }
        player.with_value(|player| Geometry::new(width, player.cast()))
    });
    let now = kept(move || {
        run.get();
        let (at, playing) = store
            .playback
            .with(|playback| (playback.at, playback.playing));
        frames.track();
        let mut now = geometry.with(|geometry| {
            player
                .try_update_value(|player| {
                    let there = player.approach(at);
                    if !there {
                        // A long way takes several frames, so that none of them is long.
                        request_animation_frame(move || {
                            frames.try_update(|frames| *frames = frames.wrapping_add(1));
                        });
                    }
                    let scene = player.scene();
                    let at = if there { at } else { at.min(scene.entry_at) };
                    picture(scene, player.cast(), geometry, at)
                })
                .unwrap_or_default()
        });
        let hurried = hurry.try_update_value(|hurry| hurry.sees(&now.marks, playing));
        if hurried == Some(true) {
            now.dots = dots(&now.marks);
            now.marks.clear();
        }
        now
    });

    let height = live(move || geometry.with(|geometry| words::px(geometry.height)));
    let ways =
        kept(move || now.with(|now| now.arrows.iter().map(|arrow| arrow.way).collect::<Vec<_>>()));
    let squares = kept(move || now.with(|now| now.squares.clone()));
    let dots = kept(move || now.with(|now| now.dots.clone()));
    let marks =
        kept(move || now.with(|now| now.marks.iter().map(|mark| mark.id).collect::<Vec<_>>()));
    let cells = kept(move || {
        let cells = now.with(|now| {
            let cells = now.cells.iter();
            cells.map(|cell| cell.environment).collect::<Vec<_>>()
        });
        // Cells are made anew where their places change.
        let width = geometry.with(|geometry| geometry.of(Station::Environments));
        (cells, width.map(|rect| rect.width as u32))
    });
    view! {
        <div
            class="picture"
            class:narrow=live(move || geometry.with(|geometry| geometry.narrow))
            style:height=height
            node_ref=stage
            role="group"
            aria-label="The service at this moment"
            data-testid="picture"
        >
            <svg class="ways" aria-hidden="true">
                <defs>
                    <marker id="way-head" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto">
                        <path d="M0 0 8 4 0 8z" />
                    </marker>
                </defs>
                {part(move || ways.with(|ways| ways
                    .iter()
                    .enumerate()
                    .map(|(index, place)| way(now, index, *place))
                    .collect_view()))}
            </svg>
            {part(move || geometry.with(|places| places
                .boxes
                .iter()
                .enumerate()
                .map(|(index, (station, rect))| {
                    let press = inspector.then(|| press(now, geometry, player, index, *station)).flatten();
                    station_box(now, index, *station, [rect.x, rect.y, rect.width, rect.height], press)
                })
                .collect_view()))}
            <svg class="squares" aria-hidden="true">
                {part(move || squares.with(|squares| squares.iter().map(group).collect_view()))}
            </svg>
            <svg class="dots" aria-hidden="true">
                {part(move || dots.with(|dots| dots.iter().map(group).collect_view()))}
            </svg>
            <For
                each=move || cells.with(|(cells, width)| cells.iter().map(|id| (*id, *width)).collect::<Vec<_>>())
                key=|key| *key
                children=move |(id, _)| cell(now, geometry, player, id, inspector)
            />
            <For
                each=move || marks.get()
                key=|id| *id
                children=move |id| mark(now, id)
            />
        </div>
    }
}

/// A button over a station that has the inspector tell of it; none over those of which it has nothing to tell.
fn press(
    now: Kept<Picture>,
    geometry: Kept<Geometry>,
    player: StoredValue<Player>,
    index: usize,
    station: Station,
) -> Option<AnyView> {
    let store = use_store();
    let about = match station {
        Station::Source(mapping) => About::Source(mapping),
        Station::Queue => About::Queue,
        Station::Environments => About::Environment(None),
        Station::Target(index) => About::Destinations(Some(index)),
        Station::Callers | Station::FrontEnd | Station::Answers => return None,
    };
    let name = live(move || {
        let title = now.with(|now| now.words.get(index).map(|it| it.title.clone()));
        format!("Inspect: {}", title.unwrap_or_default())
    });
    let pressed = move |event: MouseEvent| {
        // By pointer, one of many squares is meant; keys choose in the inspector.
        let square = (station == Station::Environments && event.detail() > 0)
            .then(|| {
                let count = player.with_value(|player| player.cast().environments);
                geometry.with_untracked(|geometry| {
                    let rect = geometry.of(station)?;
                    let field = geometry.field(count).filter(|field| field.each == 1)?;
                    let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
                    field
                        .index_at(rect.x + x, rect.y + y)
                        .filter(|index| *index < count)
                })
            })
            .flatten();
        inspect(
            store,
            match square.and_then(|index| u32::try_from(index).ok()) {
                Some(index) => About::Environment(Some(EnvironmentId(index))),
                None => about,
            },
        );
    };
    Some(
        view! { <button type="button" class="press" aria-label=name on:click=pressed></button> }
            .into_any(),
    )
}

fn station_box(
    now: Kept<Picture>,
    index: usize,
    station: Station,
    place: [f64; 4],
    press: Option<AnyView>,
) -> AnyView {
    let [left, top, width, height] = place.map(words::px);
    let text = move |read: fn(&crate::ui::stage::picture::Words) -> &String| {
        live(move || now.with(|now| now.words.get(index).map(|it| read(it).clone())))
    };
    let bad = live(move || now.with(|now| now.words.get(index).is_some_and(|it| it.bad)));
    view! {
        <section
            class=format!("station at-{}", key(station))
            class:bad=bad
            style:left=left
            style:top=top
            style:width=width
            style:height=height
        >
            <h3>{text(|it| &it.title)}</h3>
            <p class="station-figure">{text(|it| &it.figure)}</p>
            <p class="station-note" title=text(|it| &it.note)>{text(|it| &it.note)}</p>
            {press}
        </section>
    }
    .into_any()
}

fn key(station: Station) -> &'static str {
    match station {
        Station::Callers => "callers",
        Station::Source(_) => "source",
        Station::FrontEnd => "front-end",
        Station::Queue => "event-queue",
        Station::Environments => "environments",
        Station::Answers => "answers",
        Station::Target(_) => "target",
    }
}

/// An arrow. It stays as it is while its words change, many times a second perhaps.
fn way(now: Kept<Picture>, index: usize, place: Way) -> AnyView {
    let (from, to) = (place.from, place.to);
    let class = live(move || {
        now.with(|now| match now.arrows.get(index) {
            Some(arrow) if arrow.now => "way now",
            Some(arrow) if !arrow.label.is_empty() => "way",
            _ => "way unused",
        })
    });
    let text = move |read: fn(&Arrow) -> &String| {
        live(move || now.with(|now| now.arrows.get(index).map(|arrow| read(arrow).clone())))
    };
    let (x, y) = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
    // Beside a way that goes down, above one that goes across; the way back is told on its other side.
    let down = (from.0 - to.0).abs() < 1.0;
    let back = to.0 < from.0 || to.1 < from.1;
    let (x, y, anchor) = match (down, back) {
        (true, false) => (x - 6.0, y + 4.0, "end"),
        (true, true) => (x + 6.0, y + 4.0, "start"),
        (false, false) => (x, y - 5.0, "middle"),
        (false, true) => (x, y + 14.0, "middle"),
    };
    view! {
        <g class=class>
            <title>{text(|arrow| &arrow.detail)}</title>
            <path d=format!("M{:.1} {:.1}L{:.1} {:.1}", from.0, from.1, to.0, to.1) marker-end="url(#way-head)" />
            <text x=format!("{x:.1}") y=format!("{y:.1}") text-anchor=anchor>{text(|arrow| &arrow.label)}</text>
        </g>
    }
    .into_any()
}

fn group(group: &Group) -> AnyView {
    view! { <path class=group.key d=group.path.clone() /> }.into_any()
}

/// One environment with its words.
fn cell(
    now: Kept<Picture>,
    geometry: Kept<Geometry>,
    player: StoredValue<Player>,
    id: EnvironmentId,
    inspector: bool,
) -> AnyView {
    let store = use_store();
    let environments = player.with_value(|player| player.cast().environments);
    let place = geometry.with_untracked(|geometry| {
        let field = geometry.field(environments)?;
        Some(field.cell(id.0 as usize))
    });
    let rect = place.unwrap_or_default();
    let found = move |now: &Picture| {
        now.cells
            .iter()
            .find(|cell| cell.environment == id)
            .cloned()
    };
    let kind = live(move || {
        let key = now.with(|now| found(now).map_or("", |cell| cell.key));
        format!("room {key}")
    });
    let text = move || {
        now.with(|now| found(now).map(|cell| cell.text))
            .unwrap_or_default()
    };
    let used = live(move || {
        let used = now.with(|now| found(now).map_or(0, |cell| cell.used));
        words::percent_of(u64::from(used), 1_000)
    });
    view! {
        <button
            type="button"
            class=kind
            disabled=!inspector
            aria-label=live(move || format!("Environment {}", text()))
            on:click=move |_| inspect(store, About::Environment(Some(id)))
            style:left=words::px(rect.x)
            style:top=words::px(rect.y)
            style:width=words::px(rect.width)
            style:height=words::px(rect.height)
        >
            <i style:width=used></i>
            <span>{live(text)}</span>
        </button>
    }
    .into_any()
}

/// A request, or a caller who waits for one. It keeps its element while it moves, so that the eye can follow it.
fn mark(now: Kept<Picture>, id: MarkId) -> AnyView {
    let store = use_store();
    let found = move |now: &Picture| now.marks.iter().find(|mark| mark.id == id).cloned();
    let class = live(move || {
        let tone = now.with(|now| found(now).map_or("", |mark| mark.tone.key()));
        format!("request {tone}")
    });
    let place = live(move || {
        let (x, y) = now.with(|now| found(now).map_or((0.0, 0.0), |mark| mark.at));
        format!("translate({}, {})", words::px(x), words::px(y))
    });
    let detail = move || {
        live(move || {
            now.with(|now| found(now).map(|mark| mark.detail))
                .unwrap_or_default()
        })
    };
    let of = match id {
        MarkId::Caller(invocation) | MarkId::Request(invocation) => invocation,
    };
    let number = match id {
        MarkId::Caller(_) => String::new(),
        MarkId::Request(invocation) => (u64::from(invocation.0) + 1).to_string(),
    };
    let number = if number.len() > 3 {
        String::new()
    } else {
        number
    };
    let chosen = live(move || {
        let selected = store
            .run
            .with(|run| run.shown.as_ref().and_then(|shown| shown.selected));
        now.with(|now| found(now).is_some_and(|mark| Some(mark.selects) == selected))
    });
    let hovered = live(move || {
        let hovered = store.hovered.get().map(|id| id.invocation);
        hovered.is_some_and(|hovered| hovered == of)
    });
    view! {
        <button
            type="button"
            class=class
            class:chosen=chosen
            class:hovered=hovered
            on:pointerenter=move |_| store.hover(now.with_untracked(found).map(|mark| mark.selects))
            on:pointerleave=move |_| store.hover(None)
            style:transform=place
            title=detail()
            aria-label=detail()
            on:click=move |_| {
                if let Some(mark) = now.with_untracked(found) {
                    store.send(Msg::Select(mark.selects));
                    store.send(Msg::Inspect(About::Invocation));
                }
            }
        >
            {number}
        </button>
    }
    .into_any()
}
