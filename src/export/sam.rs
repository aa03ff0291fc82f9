//! AWS SAM templates: a scenario read from one, and written as one.
//!
//! A template describes what is deployed, not what happens: what comes of reading one is functions with their settings, the
//! queues and streams they read, and one sample request for each of their other events. Whatever a template says beyond that is
//! listed with its place, never dropped in silence.
//!
//! Source: AWS SAM Developer Guide, "AWS SAM resources and properties" (AWS::Serverless::Function and its event sources), and the
//! CloudFormation User Guide's intrinsic function reference.

mod commands;
mod document;
mod events;
mod function;
mod mappings;
mod project;
mod properties;
mod read;
mod resolve;
mod write;
mod yaml;

pub use document::MAX_BYTES;
pub use project::{ProjectFile, files};
pub use read::{looks_like_template, read};
pub use write::template;
