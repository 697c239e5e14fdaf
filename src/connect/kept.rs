//! How secrets are written where they are kept. A [`Secret`] hides itself from serialisation; what
//! is stored under encryption has to say that it means the text itself.

use crate::secret::Secret;
use serde::Serializer;

/// Writes the text of a secret.
pub(super) fn secret<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// Writes the text of a secret that may be absent.
pub(super) fn option<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.reveal()),
        None => serializer.serialize_none(),
    }
}
