//! What stands behind use cases beside the database.

use crate::connect::Connect;
use crate::store::{Seal, Store};

/// The files of media and the connections to other servers. Cheap to clone.
#[derive(Clone)]
pub struct Backing {
    /// The folder or bucket of files.
    pub store: Store,
    /// What signs addresses of files.
    pub seal: Seal,
    /// What connects to other servers.
    pub connect: Connect,
}
