//! Environment variables as they are typed: one `NAME=value` a line.

use crate::problem::Problem;

/// Bytes that all names and values together may take.
const ENVIRONMENT_BYTES: usize = 4_096;

/// Reads `NAME=value` lines, with Lambda's rules for names.
pub(super) fn read(text: &str) -> (Vec<(String, String)>, Vec<Problem>) {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = format!("line {}", index + 1);
        let Some((name, value)) = line.split_once('=') else {
            problems.push(Problem::error(
                "environment.line",
                place,
                "There is no = in it.",
                "Write one variable a line, as NAME=value.",
            ));
            continue;
        };
        let name = name.trim();
        let mut letters = name.chars();
        let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
        let goes_on =
            letters.clone().count() > 0 && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !begins || !goes_on {
            problems.push(Problem::error(
                "environment.name",
                place,
                format!("Lambda does not take the name \"{name}\"."),
                "A name is a letter followed by at least one letter, digit or underscore.",
            ));
        } else if variables.iter().any(|(other, _)| other == name) {
            problems.push(Problem::error(
                "environment.twice",
                place,
                format!("{name} is there twice."),
                "Keep one of them.",
            ));
        } else {
            variables.push((name.to_owned(), value.to_owned()));
        }
    }
    let size: usize = variables
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > ENVIRONMENT_BYTES {
        problems.push(Problem::error(
            "environment.size",
            "",
            format!("All variables together take {size} bytes; Lambda takes 4,096."),
            "Shorten them, or move large values into the event.",
        ));
    }
    (variables, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_checked_as_lambda_would() {
        let (variables, problems) = read("STAGE=test\n\n9X=1\nA=1\nURL=a=b\nnothing");
        assert_eq!(
            variables,
            [("STAGE", "test"), ("URL", "a=b")].map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
        let places: Vec<&str> = problems.iter().map(|p| p.place.as_str()).collect();
        assert_eq!(places, ["line 3", "line 4", "line 6"]);
    }
}
