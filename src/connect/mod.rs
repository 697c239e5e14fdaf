//! The life of a connection: from an address through consent to an access token that stays fresh.
//! It speaks to other people's servers, and to them only through [`egress`]; it knows no face.

pub mod egress;
pub mod oauth;
pub mod probe;
mod text;
