//! Going through a run: jumps, keys, lanes, the inspector, what is measured.

use super::*;

/// A page that shows an S3 event whose three tries fail.
pub(super) fn after_three_tries() -> Model {
    let mut model = loaded();
    update(&mut model, Msg::Run);
    let run = model.run.run;
    let trace = lived(&scenario("s3", r#"{"Records":[]}"#, true));
    let entries = trace.to_vec();
    update(&mut model, Msg::Worker(Update::Entries { run, entries }));
    finish(&mut model);
    model
}

#[test]
fn one_jumps_from_error_to_error_and_back() {
    let mut model = after_three_tries();
    update(&mut model, Msg::ToStart);
    let mut places = Vec::new();
    for _ in 0..5 {
        update(&mut model, Msg::Jump(Jump::Error, 1));
        let shown = model.run.shown.as_ref().unwrap();
        let id = shown.selected.unwrap();
        places.push((model.playback.at.as_nanos() / 1_000_000_000, id.attempt));
    }
    // There is no fourth error: the cursor stays.
    assert_eq!(
        places[..3].iter().map(|it| it.1).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(places[1].0 >= 60 && places[2].0 >= 180, "{places:?}");
    assert_eq!(places[2], places[4]);
    update(&mut model, Msg::Jump(Jump::ColdStart, -1));
    assert_eq!(model.playback.at.as_nanos() / 1_000_000_000, 0);
    let before = model.playback.at;
    update(&mut model, Msg::Jump(Jump::Throttle, 1));
    assert_eq!(model.playback.at, before);
}

/// A link to a run of three tries, opened, with `rest` behind it.
fn opened(rest: &str) -> Model {
    let mut model = after_three_tries();
    update(&mut model, Msg::Share);
    let link = model.link.made.clone().unwrap();
    update(&mut model, Msg::OpenLink(format!("{link}{rest}")));
    let token = model.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut model, Msg::Fetched { token, result });
    update(&mut model, accepted_update(token));
    let run = model.run.run;
    let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true)).to_vec();
    update(&mut model, Msg::Worker(Update::Entries { run, entries }));
    finish(&mut model);
    model
}

#[test]
fn a_link_to_a_moment_opens_there() {
    let mut model = opened("&at=70000000000&try=1.2");
    assert_eq!(model.playback.at.as_nanos(), 70_000_000_000);
    let shown = model.run.shown.clone().unwrap();
    assert_eq!(shown.selected.unwrap().attempt, 2);
    // Only once: the next run is shown as ever.
    update(&mut model, Msg::Run);
    finish(&mut model);
    assert_eq!(model.link.moment, None);
}

/// The edges of what is seen, in nanoseconds; none when that is all.
fn edges(model: &Model) -> Option<(u64, u64)> {
    let shown = model.run.shown.clone().unwrap();
    let lay_out = |width| shown.axis(&model.playback.unfolded, width);
    let (from, to) = model.playback.zoom.seen(lay_out)?;
    Some((from.as_nanos(), to.as_nanos()))
}

#[test]
fn a_link_to_a_moment_shows_what_was_seen() {
    let mut model = after_three_tries();
    assert_eq!(edges(&model), None);
    for _ in 0..3 {
        let x = Some(100.0);
        update(&mut model, Msg::Zoom { factor: 2.0, x });
    }
    let (from, to) = edges(&model).unwrap();
    let model = opened(&format!(
        "&at=5&from={from}&to={to}&find=cold%20%3E1ms&order=duration-"
    ));
    let again = edges(&model).unwrap();
    let near = |a: u64, b: u64| a.abs_diff(b) <= (to - from) / 100;
    assert!(near(again.0, from) && near(again.1, to), "{again:?}");
    assert_eq!(model.playback.find, "cold >1ms");
    assert_eq!(model.playback.order, Order::SLOWEST);
}

#[test]
fn a_stretch_outside_of_the_run_shows_all_of_it() {
    for rest in [
        "&at=5&from=9000000000000000000&to=9100000000000000000",
        "&at=5&from=7&to=7",
        "&at=5&from=9&to=3",
    ] {
        assert_eq!(edges(&opened(rest)), None, "{rest}");
    }
}

#[test]
fn keys_go_from_bar_to_bar_and_from_lane_to_lane() {
    let mut model = after_three_tries();
    let point = |model: &mut Model, along, lanes| {
        let effects = update(model, Msg::Point { along, lanes });
        let mut told = effects.into_iter().filter_map(|effect| match effect {
            Effect::Announce(text) => Some(text),
            _ => None,
        });
        told.next().unwrap_or_default()
    };
    // It begins at what is selected: the last try.
    let first = point(&mut model, 1, 0);
    assert!(
        first.contains("Environment 1: Invocation 1, warm, try 3"),
        "{first}"
    );
    assert_eq!(point(&mut model, 1, 0), "");
    let before = point(&mut model, -1, 0);
    assert!(before.contains("try 2"), "{before}");
    let above = point(&mut model, 0, -1);
    assert!(above.starts_with("Event queue: "), "{above}");
    let above = point(&mut model, 0, -1);
    assert!(above.starts_with("Caller: "), "{above}");
    assert_eq!(point(&mut model, 0, -1), "");
    point(&mut model, 0, 1);
    let init = point(&mut model, 0, 1);
    assert!(init.starts_with("Environment 1: Init"), "{init}");
    point(&mut model, 1, 0);
    update(&mut model, Msg::SelectPointed);
    let selected = model.run.shown.as_ref().unwrap().selected.unwrap();
    assert_eq!(selected.attempt, 1);
    update(&mut model, Msg::Clear);
    assert_eq!(model.playback.pointed, None);
}

#[test]
fn the_inspector_tells_of_what_is_pressed_and_of_no_other_environment_after_a_selection() {
    let mut model = after_three_tries();
    let chosen = About::Environment(Some(EnvironmentId(0)));
    update(&mut model, Msg::ToggleInspector);
    update(&mut model, Msg::Inspect(chosen));
    assert_eq!(
        (model.playback.about, model.playback.folded),
        (chosen, false)
    );
    let first = model.run.shown.as_ref().unwrap().tries.get(0).unwrap().id;
    update(&mut model, Msg::Select(first));
    assert_eq!(model.playback.about, About::Environment(None));
    update(&mut model, Msg::Inspect(About::Queue));
    update(&mut model, Msg::StepAttempt(-1));
    assert_eq!(model.playback.about, About::Queue);
}

#[test]
fn a_lane_is_pinned_to_the_top_and_let_go() {
    let mut model = after_three_tries();
    // Nothing is pointed at: the lane of what is selected.
    update(&mut model, Msg::Pin(None));
    let environment = LaneKind::Environment(EnvironmentId(0));
    update(&mut model, Msg::Pin(Some(LaneKind::Queue)));
    assert_eq!(model.playback.pinned, [environment, LaneKind::Queue]);
    update(&mut model, Msg::Pin(Some(environment)));
    assert_eq!(model.playback.pinned, [LaneKind::Queue]);
    // What is no lane of this run cannot be pinned.
    let unknown = LaneKind::Environment(EnvironmentId(99));
    update(&mut model, Msg::Pin(Some(unknown)));
    assert_eq!(model.playback.pinned, [LaneKind::Queue]);
}

#[test]
fn a_stretch_fills_the_timeline_and_is_measured_no_more() {
    let mut model = after_three_tries();
    let end = model.run.shown.as_ref().unwrap().end;
    let half = SimTime::from_nanos(end.as_nanos() / 2);
    update(&mut model, Msg::Measure(Some((end, half))));
    update(&mut model, Msg::Enlarge);
    assert_eq!(model.playback.range, None);
    assert!(model.playback.zoom.scale > 1.0);
}

#[test]
fn a_mark_measures_up_to_the_clock_and_what_is_measured_is_framed() {
    let mut model = after_three_tries();
    update(&mut model, Msg::ToStart);
    update(&mut model, Msg::Mark);
    assert_eq!(model.playback.measured(), None);
    update(&mut model, Msg::Jump(Jump::Error, 1));
    let (from, to) = model.playback.measured().unwrap();
    assert_eq!((from, to), (SimTime::ZERO, model.playback.at));
    assert_eq!(model.playback.zoom.scale, 1.0);
    update(&mut model, Msg::Frame);
    let shown = model.run.shown.clone().unwrap();
    let zoom = model.playback.zoom;
    let axis = shown.axis(&model.playback.unfolded, zoom.axis_width());
    let window = zoom.window(&axis);
    let wide = axis.x(to) - axis.x(from);
    assert!(zoom.scale > 1.0 && wide > window.width * 0.6, "{zoom:?}");
    assert!(axis.x(from) >= window.left && axis.x(to) <= window.left + window.width);
    update(&mut model, Msg::ShowAll);
    assert_eq!(model.playback.zoom.scale, 1.0);
    // A second press at the same place takes the mark away.
    update(&mut model, Msg::Mark);
    update(&mut model, Msg::Mark);
    assert_eq!(model.playback.mark, None);
}

#[test]
fn the_run_before_stands_behind_with_room_on_the_axis() {
    let mut model = after_three_tries();
    let end = model.run.shown.as_ref().unwrap().end;
    update(&mut model, Msg::Set(Setting::Memory(2_048)));
    let change = model.run.change;
    update(&mut model, Msg::Replay(change));
    // The run after it is over much sooner.
    let run = model.run.run;
    let entries = lived(&scenario("direct", "{}", false)).to_vec();
    update(&mut model, Msg::Worker(Update::Entries { run, entries }));
    finish(&mut model);
    let before = model.run.baseline.clone().unwrap();
    assert!(before.lanes.len() == 3);
    let shown = model.run.shown.clone().unwrap();
    assert!(shown.end < end);
    let axis = |shown: &crate::ui::model::Shown| shown.axis(&Default::default(), 1_000.0).end();
    assert_eq!(axis(&shown), end);
    update(&mut model, Msg::DropBaseline);
    let shown = model.run.shown.clone().unwrap();
    assert_eq!(axis(&shown), shown.end);
}
