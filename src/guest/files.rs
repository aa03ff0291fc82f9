//! `/tmp`: an in-memory file system bounded by the ephemeral storage setting.

/// The files of one execution environment.
#[derive(Debug, Clone, Default)]
pub struct Files {}
