//! The states of a connection and all that may happen to one, as a table. Pure: it looks at
//! nothing but the state, so that no two writers can disagree about what comes next.

use entity::workspace_connector::{ConnectionState, DisconnectCode, Status};

/// Where a connection stands, more finely than clients are told: one that is disconnected is either
/// looked at again by itself, or waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It was never connected.
    Created,
    /// A login was begun and waits for a person.
    AuthRequired,
    /// The server was reached last time.
    Connected,
    /// The server failed and is asked again.
    Failing,
    /// It stays disconnected until a person connects it.
    Stopped,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// Somebody connects it, and the server lets them in.
    Opened,
    /// Somebody connects it, and the server wants a login, which was begun.
    Challenged,
    /// The login was finished, and the server lets them in.
    Authorized,
    /// The login was finished, and the server refuses all the same.
    Rejected,
    /// The login was denied or failed; another one stands in its place.
    Renewed,
    /// The login was not finished in time.
    Lapsed,
    /// Somebody disconnects it.
    Disconnected,
    /// The authorization server ended the grant; a login was begun in its place.
    Revoked,
    /// The server takes the credential no longer.
    Lost,
    /// The server refuses requests, though not for the credential.
    Refused,
    /// The server fails or cannot be reached.
    Faulted,
    /// The server was found to work.
    Recovered,
    /// The token was renewed.
    Refreshed,
}

/// What becomes of the tokens of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// They stay, or are replaced by those that came with the event.
    Keep,
    /// They are erased.
    Erase,
}

/// One line of the table.
struct Rule {
    event: Event,
    /// The same as a participle, for sentences and for the record.
    done: &'static str,
    from: &'static [Phase],
    to: Phase,
    tokens: Tokens,
}

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The phase afterwards.
    pub to: Phase,
    /// What becomes of the tokens.
    pub tokens: Tokens,
    /// What happened, a participle: `disconnected`.
    pub done: &'static str,
}

const ANY: &[Phase] = &[
    Phase::Created,
    Phase::AuthRequired,
    Phase::Connected,
    Phase::Failing,
    Phase::Stopped,
];

/// Connections that are looked at without anybody asking.
const WATCHED: &[Phase] = &[Phase::Connected, Phase::Failing];

/// All that may happen. No line leads to [`Phase::Created`].
#[rustfmt::skip]
const RULES: [Rule; 15] = [
    Rule { event: Event::Opened,       done: "connected",    from: ANY,                    to: Phase::Connected,    tokens: Tokens::Keep },
    Rule { event: Event::Challenged,   done: "challenged",   from: ANY,                    to: Phase::AuthRequired, tokens: Tokens::Erase },
    Rule { event: Event::Authorized,   done: "authorized",   from: &[Phase::AuthRequired], to: Phase::Connected,    tokens: Tokens::Keep },
    Rule { event: Event::Rejected,     done: "rejected",     from: &[Phase::AuthRequired], to: Phase::Stopped,      tokens: Tokens::Keep },
    Rule { event: Event::Renewed,      done: "renewed",      from: &[Phase::AuthRequired], to: Phase::AuthRequired, tokens: Tokens::Erase },
    Rule { event: Event::Lapsed,       done: "lapsed",       from: &[Phase::AuthRequired], to: Phase::Stopped,      tokens: Tokens::Erase },
    Rule { event: Event::Disconnected, done: "disconnected", from: &[Phase::Connected, Phase::Failing, Phase::Stopped, Phase::AuthRequired], to: Phase::Stopped, tokens: Tokens::Erase },
    Rule { event: Event::Revoked,      done: "revoked",      from: WATCHED,                to: Phase::AuthRequired, tokens: Tokens::Erase },
    Rule { event: Event::Lost,         done: "lost",         from: WATCHED,                to: Phase::Stopped,      tokens: Tokens::Erase },
    Rule { event: Event::Refused,      done: "refused",      from: WATCHED,                to: Phase::Stopped,      tokens: Tokens::Keep },
    Rule { event: Event::Faulted,      done: "faulted",      from: WATCHED,                to: Phase::Failing,      tokens: Tokens::Keep },
    Rule { event: Event::Recovered,    done: "recovered",    from: WATCHED,                to: Phase::Connected,    tokens: Tokens::Keep },
    Rule { event: Event::Refreshed,    done: "refreshed",    from: &[Phase::Connected],    to: Phase::Connected,    tokens: Tokens::Keep },
    Rule { event: Event::Refreshed,    done: "refreshed",    from: &[Phase::Failing],      to: Phase::Failing,      tokens: Tokens::Keep },
    Rule { event: Event::Refreshed,    done: "refreshed",    from: &[Phase::Stopped],      to: Phase::Stopped,      tokens: Tokens::Keep },
];

impl Event {
    /// What happened, a participle: `disconnected`. With the kind of record before it, it is the
    /// action in the record.
    pub fn done(self) -> &'static str {
        let rule = RULES.iter().find(|rule| rule.event == self);
        rule.map_or("changed", |rule| rule.done)
    }

    /// Every event, in the order of the table; some stand there several times.
    pub fn all() -> impl Iterator<Item = Event> {
        RULES.iter().map(|rule| rule.event)
    }
}

impl Phase {
    /// Every phase.
    pub const ALL: &[Phase] = ANY;

    /// The phase of a stored state.
    pub fn of(state: ConnectionState, permanent: Option<bool>) -> Phase {
        match state {
            ConnectionState::Created => Phase::Created,
            ConnectionState::AuthRequired => Phase::AuthRequired,
            ConnectionState::Connected => Phase::Connected,
            ConnectionState::Disconnected if permanent == Some(false) => Phase::Failing,
            ConnectionState::Disconnected => Phase::Stopped,
        }
    }

    /// The state that clients are told.
    pub const fn state(self) -> ConnectionState {
        match self {
            Phase::Created => ConnectionState::Created,
            Phase::AuthRequired => ConnectionState::AuthRequired,
            Phase::Connected => ConnectionState::Connected,
            Phase::Failing | Phase::Stopped => ConnectionState::Disconnected,
        }
    }

    /// Whether a disconnected one waits for a person; `None` where it is not disconnected.
    pub const fn permanent(self) -> Option<bool> {
        match self {
            Phase::Failing => Some(false),
            Phase::Stopped => Some(true),
            _ => None,
        }
    }

    /// Whether it is looked at without anybody asking.
    pub fn is_watched(self) -> bool {
        WATCHED.contains(&self)
    }

    const fn word(self) -> &'static str {
        match self {
            Phase::Created => "created",
            Phase::AuthRequired => "auth_required",
            Phase::Connected => "connected",
            Phase::Failing | Phase::Stopped => "disconnected",
        }
    }
}

/// What `event` does to a connection in `phase`, or a sentence that says why it cannot happen.
pub fn step(phase: Phase, event: Event) -> Result<Step, String> {
    let rules = || RULES.iter().filter(|rule| rule.event == event);
    if let Some(rule) = rules().find(|rule| rule.from.contains(&phase)) {
        return Ok(Step {
            to: rule.to,
            tokens: rule.tokens,
            done: rule.done,
        });
    }
    let from = rules().flat_map(|rule| rule.from);
    let mut words: Vec<_> = from.map(|p| format!("`{}`", p.word())).collect();
    words.dedup();
    Err(format!(
        "is `{}`; only what is {} can be {}",
        phase.word(),
        words.join(" or "),
        event.done()
    ))
}

/// The status of the installation that goes with a connection.
pub const fn status(phase: Phase, code: Option<DisconnectCode>) -> Status {
    match (phase, code) {
        (Phase::Created, _) => Status::ToConfigure,
        (Phase::AuthRequired, _) => Status::NeedReconnect,
        (Phase::Connected, _) => Status::Active,
        (_, Some(DisconnectCode::ClientRequest)) => Status::Disabled,
        (Phase::Failing | Phase::Stopped, _) => Status::Error,
    }
}
