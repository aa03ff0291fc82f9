//! What leaves the playground and what comes into it: AWS SAM's templates, the scenario's JSON and its schema, links of every
//! age.

mod links;
mod sam;
mod schema;
mod triggers;
