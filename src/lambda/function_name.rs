//! Which function a request means: `FunctionName` as Invoke and CreateEventSourceMapping take it.
//!
//! A name, `name:qualifier`, a partial ARN (`123456789012:function:name`) or a whole one, each with a version or alias at
//! its end or without. The pattern is that of `NamespacedFunctionName` in the service model of botocore 1.44.8; texts about
//! other Regions and about two qualifiers were recorded on AWS.

use super::event::InvokeResponse;
use super::limits::NAME_LENGTH;
use super::{invoke, names};

/// The pattern of `FunctionName` as the API prints it.
pub const NAME_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

/// The pattern of `Qualifier` as the API prints it.
pub const QUALIFIER_PATTERN: &str = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";

/// Longest `FunctionName`; a name alone has [`NAME_LENGTH`].
pub const LONGEST_NAME: usize = 256;

/// Longest `Qualifier`.
pub const LONGEST_QUALIFIER: usize = 128;

/// What Invoke says when the name ends in another qualifier than the one that is asked for.
pub const DIFFERENT_QUALIFIERS: &str =
    "The derived qualifier from the function name does not match the specified qualifier.";

/// The parts of a `FunctionName`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// Of an ARN.
    pub region: Option<&'a str>,
    /// Of an ARN.
    pub account: Option<&'a str>,
    /// The function's own name.
    pub name: &'a str,
    /// A version or alias.
    pub qualifier: Option<&'a str>,
}

/// The function that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meant<'a> {
    /// Its name; none when the request names nobody.
    pub name: Option<&'a str>,
    /// The version or alias, from wherever it was named.
    pub qualifier: Option<&'a str>,
}

/// Its bit in a choice of groups, how many parts it takes, and whether parts may be it.
type Group = (u8, usize, fn(&[&str]) -> bool);

/// The optional groups at the front of the pattern, the first ones first.
const GROUPS: [Group; 4] = [
    (8, 3, is_arn),
    (4, 1, |parts| parts.first().is_some_and(|it| is_region(it))),
    (2, 1, |parts| parts.first().is_some_and(|it| is_account(it))),
    (1, 1, |parts| parts.first() == Some(&"function")),
];

impl<'a> FunctionName<'a> {
    /// Takes a `FunctionName` apart; none when it does not match [`NAME_PATTERN`].
    pub fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<_> = text.split(':').take(9).collect();
        // A group that could be there is taken first, and left out when the rest does not match then: as patterns do.
        (0..16_u8)
            .rev()
            .find_map(|groups| Self::with_groups(&parts, groups))
    }

    fn with_groups(parts: &[&'a str], groups: u8) -> Option<Self> {
        let mut rest = parts;
        let (mut region, mut account) = (None, None);
        for (bit, length, fits) in GROUPS {
            if groups & bit == 0 {
                continue;
            }
            let taken = rest.get(..length).filter(|taken| fits(taken))?;
            match bit {
                4 => region = taken.first().copied(),
                2 => account = taken.first().copied(),
                _ => {}
            }
            rest = rest.get(length..)?;
        }
        let (name, qualifier) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return None,
        };
        let fits = is_name(name) && qualifier.is_none_or(is_qualifier_of_name);
        fits.then_some(Self {
            region,
            account,
            name,
            qualifier,
        })
    }
}

/// Finds out which function is meant.
///
/// # Errors
/// What Invoke answers: 400 when name or qualifier are none, or name two different qualifiers; 404 when the function is in
/// another Region, 403 when it is somebody else's. Which of them AWS checks first is not documented: here the shape, as for
/// every request, then where the function is, then the qualifiers.
pub fn resolve<'a>(
    function: Option<&'a str>,
    qualifier: Option<&'a str>,
) -> Result<Meant<'a>, InvokeResponse> {
    let parsed = function.map(|text| (text, FunctionName::parse(text)));
    let problems: Vec<_> = parsed
        .iter()
        .filter_map(|(text, parsed)| name_problem(text, *parsed))
        .chain(qualifier.and_then(qualifier_problem))
        .collect();
    if !problems.is_empty() {
        return Err(invoke::validation(&problems));
    }
    let Some(parsed) = parsed.and_then(|(_, parsed)| parsed) else {
        return Ok(Meant {
            name: None,
            qualifier,
        });
    };
    if let Some(region) = parsed.region.filter(|region| *region != names::REGION) {
        return Err(invoke::other_region(region));
    }
    if let Some(account) = parsed.account.filter(|account| *account != names::ACCOUNT) {
        return Err(invoke::other_account(account, parsed.name));
    }
    match (qualifier, parsed.qualifier) {
        (Some(asked), Some(derived)) if asked != derived => {
            Err(invoke::invalid_parameter(DIFFERENT_QUALIFIERS))
        }
        (asked, derived) => Ok(Meant {
            name: Some(parsed.name),
            qualifier: asked.or(derived),
        }),
    }
}

/// The function that is named in whichever form; what Lambda would refuse stays as it is.
pub fn meant<'a>(function: Option<&'a str>, qualifier: Option<&'a str>) -> Meant<'a> {
    let as_it_is = Meant {
        name: function,
        qualifier,
    };
    resolve(function, qualifier).unwrap_or(as_it_is)
}

fn name_problem(text: &str, parsed: Option<FunctionName<'_>>) -> Option<String> {
    let whole = |parsed: FunctionName<'_>| parsed.name.len() == text.len();
    let constraint = if text.is_empty() {
        "Member must have length greater than or equal to 1".to_owned()
    } else if text.chars().count() > LONGEST_NAME {
        format!("Member must have length less than or equal to {LONGEST_NAME}")
    } else {
        match parsed {
            None => format!("Member must satisfy regular expression pattern: {NAME_PATTERN}"),
            Some(parsed) if whole(parsed) && text.len() > NAME_LENGTH => {
                format!("Member must have length less than or equal to {NAME_LENGTH}")
            }
            Some(_) => return None,
        }
    };
    Some(format!(
        "Value '{text}' at 'functionName' failed to satisfy constraint: {constraint}"
    ))
}

fn qualifier_problem(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$');
    let constraint = if text.is_empty() {
        "Member must have length greater than or equal to 1".to_owned()
    } else if text.chars().count() > LONGEST_QUALIFIER {
        format!("Member must have length less than or equal to {LONGEST_QUALIFIER}")
    } else if text.chars().all(fits) || text == "$LATEST.PUBLISHED" {
        return None;
    } else {
        format!("Member must satisfy regular expression pattern: {QUALIFIER_PATTERN}")
    };
    Some(format!(
        "Value '{text}' at 'qualifier' failed to satisfy constraint: {constraint}"
    ))
}

/// `arn:(aws[a-zA-Z-]*)?:lambda`.
fn is_arn(parts: &[&str]) -> bool {
    let partition = |text: &str| {
        let rest = text.strip_prefix("aws");
        text.is_empty() || rest.is_some_and(|it| all(it, |c| c.is_ascii_alphabetic() || c == '-'))
    };
    matches!(parts, ["arn", of, "lambda"] if partition(of))
}

/// `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`.
fn is_region(text: &str) -> bool {
    let text = text.strip_prefix("eusc-").unwrap_or(text);
    let parts: Vec<_> = text.split('-').collect();
    let letters = |text: &str| !text.is_empty() && all(text, |c| c.is_ascii_lowercase());
    let special = |text: &str| {
        let iso = text.strip_prefix("iso");
        text == "gov" || iso.is_some_and(|it| it.is_empty() || it.len() == 1 && letters(it))
    };
    let ends = |country: &str, place: &str, number: &str| {
        country.len() == 2
            && letters(country)
            && letters(place)
            && number.len() == 1
            && all(number, |c| c.is_ascii_digit())
    };
    match parts[..] {
        [country, place, number] => ends(country, place, number),
        [country, kind, place, number] => special(kind) && ends(country, place, number),
        _ => false,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && all(text, |c| c.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && all(text, fits)
}

fn is_qualifier_of_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    matches!(text, "$LATEST" | "$LATEST.PUBLISHED") || !text.is_empty() && all(text, fits)
}

fn all(text: &str, fits: impl Fn(char) -> bool) -> bool {
    text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference 3.1, "Name forms accepted: name, name:qualifier, partial ARN, full ARN".
    #[test]
    fn every_form_is_taken_apart() {
        let ours = (Some("us-east-1"), Some("123456789012"));
        let none = (None, None);
        let cases = [
            ("f", none, "f", None),
            ("f:live", none, "f", Some("live")),
            ("f:$LATEST", none, "f", Some("$LATEST")),
            ("f:12", none, "f", Some("12")),
            ("123456789012:function:f", (None, ours.1), "f", None),
            ("123456789012:function:f:1", (None, ours.1), "f", Some("1")),
            ("function:f", none, "f", None),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f",
                ours,
                "f",
                None,
            ),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f:live",
                ours,
                "f",
                Some("live"),
            ),
            (
                "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f",
                (Some("us-gov-west-1"), ours.1),
                "f",
                None,
            ),
            // What could be a group is the name when the rest asks for it.
            ("function", none, "function", None),
            ("function:$LATEST", none, "function", Some("$LATEST")),
            ("arn:aws", none, "arn", Some("aws")),
            ("us-east-1:f", (Some("us-east-1"), None), "f", None),
        ];
        for (text, (region, account), name, qualifier) in cases {
            let expected = FunctionName {
                region,
                account,
                name,
                qualifier,
            };
            assert_eq!(FunctionName::parse(text), Some(expected), "{text}");
        }
        for text in [
            "",
            ":",
            "f:",
            ":f",
            "f g",
            "f:a:b",
            "f:$X",
            "arn:aws:sqs:us-east-1:123456789012:f",
            "arn:aws:lambda:us-east-1:123456789012:function:f:a:b",
            "arn:aws:lambda",
        ] {
            assert_eq!(FunctionName::parse(text), None, "{text}");
        }
    }
}
