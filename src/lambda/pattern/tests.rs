//! The language, in the dialect of filter criteria.

use serde_json::{Value, json};

use super::{Dialect, Fault, Pattern};

fn criteria(text: &str) -> Result<Pattern, Fault> {
    Pattern::parse(text, Dialect::FilterCriteria)
}

fn matches(pattern: &Value, record: &Value) -> bool {
    Pattern::parse(&pattern.to_string(), Dialect::FilterCriteria)
        .expect("a pattern")
        .matches(record)
}

/// Reference 6.4: operators.
#[test]
fn every_operator_says_yes_and_no() {
    let cases = [
        (json!(["x"]), json!("x"), json!("y")),
        (json!([null]), json!(null), json!("")),
        (json!([""]), json!(""), json!(null)),
        (json!([true]), json!(true), json!("true")),
        (json!([300]), json!(300.0), json!("300")),
        (json!(["a", "b"]), json!("b"), json!("c")),
        (json!([{"prefix": "us-"}]), json!("us-east-1"), json!("eu")),
        (json!([{"suffix": ".png"}]), json!("a.png"), json!("png.a")),
        (
            json!([{"anything-but": ["x", "y"]}]),
            json!("z"),
            json!("y"),
        ),
        (json!([{"anything-but": "x"}]), json!(1), json!("x")),
        (json!([{"anything-but": [1, 2]}]), json!(3), json!(2.0)),
        (json!([{"numeric": ["=", 100]}]), json!(1e2), json!(101)),
        (
            json!([{"numeric": [">", 10, "<=", 20]}]),
            json!(20),
            json!(10),
        ),
        (json!([{"numeric": ["<", 0]}]), json!(-0.5), json!("-1")),
        (
            json!([{"equals-ignore-case": "AlIce"}]),
            json!("ALICE"),
            json!("Bob"),
        ),
        (json!([{"exists": true}]), json!(null), json!({"deeper": 1})),
    ];
    for (rules, yes, no) in cases {
        let pattern = json!({"k": rules});
        assert!(matches(&pattern, &json!({"k": yes})), "{pattern} {yes}");
        assert!(!matches(&pattern, &json!({"k": no})), "{pattern} {no}");
        assert!(!matches(&pattern, &json!({})), "{pattern} on nothing");
    }
}

#[test]
fn exists_is_about_leaves() {
    let absent = json!({"a": {"b": [{"exists": false}]}});
    for record in [
        json!({}),
        json!({"a": 1}),
        json!({"a": {"b": {"c": 1}}}),
        json!({"a": {"b": []}}),
    ] {
        assert!(matches(&absent, &record), "{record}");
    }
    assert!(!matches(&absent, &json!({"a": {"b": null}})));
}

#[test]
fn keys_are_anded_and_lists_ored() {
    let pattern = json!({"a": ["x"], "b": {"c": [1, 2]}});
    assert!(matches(&pattern, &json!({"a": "x", "b": {"c": 2}})));
    assert!(!matches(&pattern, &json!({"a": "x", "b": {"c": 3}})));
    assert!(!matches(&pattern, &json!({"a": "x"})));
    // Values of a list count one by one; objects of a list as wholes.
    assert!(matches(&json!({"a": ["x"]}), &json!({"a": ["y", "x"]})));
    let both = json!({"a": {"b": [1], "c": [2]}});
    assert!(matches(&both, &json!({"a": [{"b": 0}, {"b": 1, "c": 2}]})));
    assert!(!matches(&both, &json!({"a": [{"b": 1}, {"c": 2}]})));
}

#[test]
fn or_joins_fields() {
    let pattern = json!({"a": ["x"], "$or": [{"b": [1]}, {"c": [{"numeric": [">", 5]}]}]});
    assert!(matches(&pattern, &json!({"a": "x", "b": 1})));
    assert!(matches(&pattern, &json!({"a": "x", "c": 6})));
    assert!(!matches(&pattern, &json!({"a": "x", "c": 5})));
    assert!(!matches(&pattern, &json!({"b": 1})));
}

#[test]
fn what_is_no_pattern_is_refused_with_its_place() {
    let cases = [
        ("", "$"),
        ("[]", "$"),
        ("{}", "$"),
        (r#"{"a":"x"}"#, "$.a"),
        (r#"{"a":[]}"#, "$.a"),
        (r#"{"a":{}}"#, "$.a"),
        (r#"{"a":[["x"]]}"#, "$.a"),
        (r#"{"a":[{"wildcard":"x*"}]}"#, "$.a"),
        (r#"{"a":[{"prefix":1}]}"#, "$.a"),
        (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "$.a"),
        (r#"{"a":[{"exists":"yes"}]}"#, "$.a"),
        (r#"{"a":[{"anything-but":[]}]}"#, "$.a"),
        (r#"{"a":[{"numeric":[">"]}]}"#, "$.a"),
        (r#"{"a":[{"numeric":["~",1]}]}"#, "$.a"),
        (r#"{"a":[{"numeric":[">",5,"<",1]}]}"#, "$.a"),
        (r#"{"$or":[{"a":[1]}]}"#, "$.$or"),
        (r#"{"$or":[1,2]}"#, "$.$or"),
    ];
    for (text, place) in cases {
        let fault = criteria(text).expect_err(text);
        assert_eq!(fault.place, place, "{text}");
    }
    let deep = format!("{}{}{}", r#"{"a":"#.repeat(80), "[1]", "}".repeat(80));
    assert!(criteria(&deep).is_err());
    assert!(criteria(&format!(r#"{{"a":["{}"]}}"#, "x".repeat(5_000))).is_err());
}

/// The dialects as the table at the top has them.
#[test]
fn dialects_differ_where_they_are_said_to() {
    use Dialect::{EventPattern, FilterCriteria, FilterPolicy};
    let all = [FilterCriteria, EventPattern, FilterPolicy];
    let long = format!(r#"{{"a":["{}"]}}"#, "x".repeat(5_000));
    for (text, known) in [
        (r#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, [false, true, true]),
        (
            r#"{"a":[{"anything-but":{"prefix":"x"}}]}"#,
            [false, true, true],
        ),
        (
            r#"{"a":[{"prefix":{"equals-ignore-case":"x"}}]}"#,
            [false, true, true],
        ),
        (r#"{"a":[{"wildcard":"x*"}]}"#, [false, true, false]),
        (r#"{"$or":[1,2]}"#, [false, true, true]),
        (r#"{"a":[{"numeric":["<",5,">",1]}]}"#, [false, true, true]),
        (long.as_str(), [false, true, true]),
        (r#"{"a":[{"prefix":"x"},{"exists":false}]}"#, [true; 3]),
    ] {
        let parsed = all.map(|dialect| Pattern::parse(text, dialect).is_ok());
        assert_eq!(parsed, known, "{text}");
    }
    let others = all.map(|dialect| {
        let pattern = Pattern::parse(r#"{"a":[{"anything-but":"x"}]}"#, dialect);
        pattern.is_ok_and(|pattern| pattern.matches(&json!({"a": ["x", "y"]})))
    });
    assert_eq!(others, [true, false, false]);
}
