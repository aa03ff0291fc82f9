//! What the picker shows of every trigger. Apart from the triggers themselves, so that the page can list them without
//! holding them: they live in the worker.

use super::Group;

/// A trigger's id, name and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Stable id, kebab case.
    pub id: &'static str,
    /// AWS's name for it.
    pub name: &'static str,
    /// Where the picker shows it.
    pub group: Group,
}

const fn named(id: &'static str, name: &'static str, group: Group) -> Named {
    Named { id, name, group }
}

/// Every trigger, in the picker's order.
pub const NAMES: &[Named] = &[
    named("direct", "Direct invocation", Group::SynchronousUser),
    named(
        "direct-async",
        "Direct invocation, asynchronous",
        Group::Asynchronous,
    ),
    named(
        "api-gateway-http",
        "API Gateway HTTP API",
        Group::SynchronousUser,
    ),
    named("s3", "S3", Group::Asynchronous),
];

/// The trigger's name; the id itself when there is none.
pub fn name_of(id: &str) -> &str {
    NAMES
        .iter()
        .find(|named| named.id == id)
        .map_or(id, |named| named.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_triggers() {
        let listed: Vec<Named> = super::super::all()
            .iter()
            .map(|found| named(found.id(), found.name(), found.group()))
            .collect();
        assert_eq!(NAMES, listed);
    }
}
