//! The table of states: as it stands, under random events, and in the database.

mod rows;

use connectory::connect::state::{Event, Phase, Tokens, status, step};
use entity::workspace_connector::{ConnectionState, DisconnectCode, Status};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What each event leads to from `created`, `auth_required`, `connected`, `disconnected` for now
/// and `disconnected` for good, in this order; a dot where it cannot happen. The mark says whether
/// tokens are erased.
#[rustfmt::skip]
const TABLE: [(Event, &str, [&str; 5]); 13] = [
    (Event::Opened,       "connected",    ["connected", "connected", "connected", "connected", "connected"]),
    (Event::Challenged,   "challenged",   ["auth_required!", "auth_required!", "auth_required!", "auth_required!", "auth_required!"]),
    (Event::Authorized,   "authorized",   [".", "connected", ".", ".", "."]),
    (Event::Rejected,     "rejected",     [".", "for good", ".", ".", "."]),
    (Event::Renewed,      "renewed",      [".", "auth_required!", ".", ".", "."]),
    (Event::Lapsed,       "lapsed",       [".", "for good!", ".", ".", "."]),
    (Event::Disconnected, "disconnected", [".", "for good!", "for good!", "for good!", "for good!"]),
    (Event::Revoked,      "revoked",      [".", ".", "auth_required!", "auth_required!", "."]),
    (Event::Lost,         "lost",         [".", ".", "for good!", "for good!", "."]),
    (Event::Refused,      "refused",      [".", ".", "for good", "for good", "."]),
    (Event::Faulted,      "faulted",      [".", ".", "for now", "for now", "."]),
    (Event::Recovered,    "recovered",    [".", ".", "connected", "connected", "."]),
    (Event::Refreshed,    "refreshed",    [".", ".", "connected", "for now", "for good"]),
];

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => "created",
        Phase::AuthRequired => "auth_required",
        Phase::Connected => "connected",
        Phase::Failing => "for now",
        Phase::Stopped => "for good",
    }
}

#[test]
fn every_event_in_every_state_is_as_the_table_says() {
    for (event, done, expected) in TABLE {
        assert_eq!(event.done(), done);
        for (phase, expected) in Phase::ALL.iter().zip(expected) {
            let found = step(*phase, event).map(|step| {
                assert_eq!(step.done, done);
                let mark = if step.tokens == Tokens::Erase {
                    "!"
                } else {
                    ""
                };
                format!("{}{mark}", word(step.to))
            });
            let found = found.as_deref().unwrap_or(".");
            assert_eq!(found, expected, "{event:?} from {phase:?}");
        }
    }
    let listed: BTreeSet<_> = TABLE.iter().map(|(_, done, _)| *done).collect();
    let all: BTreeSet<_> = Event::all().map(Event::done).collect();
    assert_eq!(listed, all, "an event is missing here or there");
}

#[test]
fn what_cannot_happen_is_refused_with_a_sentence_that_says_when_it_could() {
    let refused = step(Phase::Created, Event::Disconnected).unwrap_err();
    let rest = "only what is `connected` or `disconnected` or `auth_required` can be disconnected";
    assert_eq!(refused, format!("is `created`; {rest}"));
    for (event, phase) in Event::all().flat_map(|e| Phase::ALL.iter().map(move |p| (e, *p))) {
        if let Err(sentence) = step(phase, event) {
            assert!(
                sentence.contains("; only what is `"),
                "{event:?} {phase:?}: {sentence}"
            );
            assert!(
                sentence.ends_with(&format!("can be {}", event.done())),
                "{sentence}"
            );
        }
    }
}

#[test]
fn a_phase_is_stored_and_found_again() {
    for phase in Phase::ALL {
        assert_eq!(Phase::of(phase.state(), phase.permanent()), *phase);
        let disconnected = phase.state() == ConnectionState::Disconnected;
        assert_eq!(phase.permanent().is_some(), disconnected);
    }
    // What older versions stored waits for a person.
    assert_eq!(
        Phase::of(ConnectionState::Disconnected, None),
        Phase::Stopped
    );
}

#[test]
fn the_status_of_an_installation_follows_its_connection() {
    let expected = [
        (Phase::Created, None, Status::ToConfigure),
        (Phase::AuthRequired, None, Status::NeedReconnect),
        (Phase::Connected, None, Status::Active),
        (Phase::Failing, Some(DisconnectCode::Network), Status::Error),
        (
            Phase::Stopped,
            Some(DisconnectCode::AuthExpired),
            Status::Error,
        ),
        (
            Phase::Stopped,
            Some(DisconnectCode::ClientRequest),
            Status::Disabled,
        ),
    ];
    for (phase, code, of) in expected {
        assert_eq!(status(phase, code), of, "{phase:?} {code:?}");
    }
}

/// A connection as it should be, kept by simpler rules than the table's.
#[derive(Debug, Clone, Copy)]
struct Model {
    phase: Phase,
    reason: Option<Event>,
    tokens: bool,
    pending: bool,
}

impl Model {
    const NEW: Model = Model {
        phase: Phase::Created,
        reason: None,
        tokens: false,
        pending: false,
    };

    /// What an event that happened brings with it.
    fn after(self, event: Event) -> Option<Model> {
        let step = step(self.phase, event).ok()?;
        let brings = matches!(
            event,
            Event::Opened | Event::Authorized | Event::Rejected | Event::Refreshed
        );
        let begins = matches!(event, Event::Challenged | Event::Renewed | Event::Revoked);
        let keeps = step.tokens == Tokens::Keep;
        let ends = [
            Event::Rejected,
            Event::Lapsed,
            Event::Disconnected,
            Event::Lost,
            Event::Refused,
            Event::Faulted,
        ];
        Some(Model {
            phase: step.to,
            // A token that was renewed tells nothing of the server, so the reason stays.
            reason: match event {
                Event::Refreshed => self.reason,
                _ => ends.contains(&event).then_some(event),
            },
            tokens: brings || (keeps && self.tokens),
            pending: begins,
        })
    }

    fn check(self, event: Event) {
        let Model {
            phase,
            reason,
            tokens,
            pending,
        } = self;
        assert_ne!(phase, Phase::Created, "a way back, by {event:?}");
        assert_eq!(
            reason.is_some(),
            phase.permanent().is_some(),
            "reason: {self:?} by {event:?}"
        );
        assert_eq!(
            pending,
            phase == Phase::AuthRequired,
            "login: {self:?} by {event:?}"
        );
        let ended = matches!(
            reason,
            Some(Event::Disconnected | Event::Lapsed | Event::Lost)
        );
        if ended && event != Event::Refreshed || pending {
            assert!(!tokens, "tokens: {self:?} by {event:?}");
        }
        assert_eq!(
            phase.is_watched(),
            matches!(phase, Phase::Connected | Phase::Failing)
        );
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let all: Vec<Event> = TABLE.iter().map(|(event, ..)| *event).collect();
    prop::collection::vec(prop::sample::select(all), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_events_never_break_a_rule(events in events()) {
        let mut model = Model::NEW;
        for event in events {
            if let Some(next) = model.after(event) {
                next.check(event);
                model = next;
            }
        }
    }

    #[test]
    fn a_person_can_always_connect_and_once_connected_always_disconnect(events in events()) {
        let end = events.iter().fold(Model::NEW, |model, event| model.after(*event).unwrap_or(model));
        for event in [Event::Opened, Event::Challenged] {
            let begun = end.after(event).expect("connecting is always possible");
            let ended = begun.after(Event::Disconnected).expect("and ending it");
            prop_assert!(!ended.tokens && !ended.pending && ended.phase == Phase::Stopped);
        }
    }
}
