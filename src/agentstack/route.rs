//! Which operation an address and a method name.

use super::Fault;

/// Where the operations are.
pub const PREFIX: &str = "/api/v1/connectors";

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A connector is made.
    Create,
    /// The caller's connectors.
    List,
    /// Servers that are known beforehand.
    Presets,
    /// One connector.
    Get,
    /// A connector is changed.
    Change,
    /// A connector is removed.
    Delete,
    /// A connector is connected.
    Connect,
    /// A connection is ended.
    Disconnect,
    /// A token is renewed.
    Refresh,
    /// A server is asked whether it answers.
    Test,
    /// What happened to a connector.
    Events,
}

impl Operation {
    /// Whether it changes something.
    pub fn writes(self) -> bool {
        !matches!(
            self,
            Operation::List | Operation::Presets | Operation::Get | Operation::Events
        )
    }

    /// Whether it reads a body.
    pub fn reads_body(self) -> bool {
        matches!(
            self,
            Operation::Create | Operation::Change | Operation::Connect
        )
    }

    /// The use case behind it.
    pub fn use_case(self) -> Option<&'static str> {
        Some(match self {
            Operation::Create => "workspace_connector_install",
            Operation::Change => "workspace_connector_configure",
            Operation::Delete => "workspace_connector_uninstall",
            Operation::Connect => "workspace_connector_connect",
            Operation::Disconnect => "workspace_connector_disconnect",
            Operation::Refresh => "workspace_connector_refresh",
            Operation::Test => "workspace_connector_test",
            Operation::List | Operation::Presets | Operation::Get | Operation::Events => {
                return None;
            }
        })
    }
}

/// The operations of an address below the prefix, by method, and the identifier in it.
type Found<'a> = (&'static [(&'static str, Operation)], Option<&'a str>);

fn at<'a>(parts: &[&'a str]) -> Option<Found<'a>> {
    use Operation as O;
    Some(match parts {
        [] => (&[("GET", O::List), ("POST", O::Create)], None),
        ["presets"] => (&[("GET", O::Presets)], None),
        [id] => (
            &[("GET", O::Get), ("PATCH", O::Change), ("DELETE", O::Delete)],
            Some(id),
        ),
        [id, "connect"] => (&[("POST", O::Connect)], Some(id)),
        [id, "disconnect"] => (&[("POST", O::Disconnect)], Some(id)),
        [id, "refresh"] => (&[("POST", O::Refresh)], Some(id)),
        [id, "test"] => (&[("POST", O::Test)], Some(id)),
        [id, "events"] => (&[("GET", O::Events)], Some(id)),
        _ => return None,
    })
}

/// The operation of a request and the identifier in its address. A slash at the end is accepted,
/// HEAD is GET.
pub fn find(method: &str, path: &str) -> Result<(Operation, Option<String>), Fault> {
    let method = if method == "HEAD" { "GET" } else { method };
    let below = path.strip_prefix(PREFIX).unwrap_or(path);
    let below = below.strip_prefix('/').unwrap_or(below);
    let below = below.strip_suffix('/').unwrap_or(below);
    let parts: Vec<&str> = match below {
        "" => Vec::new(),
        below => below.split('/').collect(),
    };
    let (operations, id) = at(&parts).ok_or(Fault::NoSuchAddress)?;
    let found = operations.iter().find(|(m, _)| *m == method);
    let Some((_, operation)) = found else {
        let methods: Vec<_> = operations.iter().map(|(m, _)| *m).collect();
        return Err(Fault::MethodNotAllowed(methods.join(", ")));
    };
    Ok((*operation, id.map(decoded)))
}

/// A percent-encoded segment as text.
fn decoded(segment: &str) -> String {
    // A plus sign means itself in a path.
    let plain = segment.replace('+', "%2B");
    let pair = format!("v={plain}");
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs.next().map_or(plain, |(_, value)| value.into_owned())
}
