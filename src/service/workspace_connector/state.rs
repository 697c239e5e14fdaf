//! The states of an installation, and what may happen to one in each. Pure: it looks at nothing
//! but the state.

use crate::service::state::{self, Step};
use entity::workspace_connector::Status;
use sea_orm::ActiveEnum;

/// What happens to an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A member switches it off.
    Pause,
    /// A member switches it on again, and it has been configured before.
    Resume,
    /// A member switches it on again, and it never was configured.
    ResumeUnconfigured,
}

/// All that may happen. An installation that is suspended waits for the operator, and one whose
/// access has lapsed for a new grant: no member's switch does away with either.
const STEPS: &[Step<Status, Event>] = &[
    Step {
        event: Event::Pause,
        done: "paused",
        from: &[
            Status::Active,
            Status::Degraded,
            Status::Processing,
            Status::Error,
        ],
        to: Status::Disabled,
    },
    Step {
        event: Event::Resume,
        done: "resumed",
        from: &[Status::Disabled],
        to: Status::Active,
    },
    Step {
        event: Event::ResumeUnconfigured,
        done: "resumed",
        from: &[Status::Disabled],
        to: Status::ToConfigure,
    },
];

/// States in which no sync may begin: somebody has switched the installation off.
const STOPPED: &[Status] = &[Status::Disabled, Status::Suspended];

/// The state after `event`, or a sentence that says why it cannot happen now.
pub fn next(status: Status, event: Event) -> Result<Status, String> {
    state::next(STEPS, status, event)
}

/// Whether a sync may begin, or a sentence that says why it may not.
pub fn may_sync(status: Status) -> Result<(), String> {
    if STOPPED.contains(&status) {
        let status = status.to_value();
        return Err(format!(
            "names an installation that is `{status}`; resume it first"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    /// Every state beside what becomes of it by each event; `-` where it cannot happen.
    fn table() -> String {
        let word = |after: Result<Status, String>| after.map_or("-".into(), |s| s.to_value());
        let mut out = String::new();
        for status in Status::iter() {
            out.push_str(&format!(
                "{}: pause {}, resume {}, resume unconfigured {}, sync {}\n",
                status.to_value(),
                word(next(status, Event::Pause)),
                word(next(status, Event::Resume)),
                word(next(status, Event::ResumeUnconfigured)),
                if may_sync(status).is_ok() { "yes" } else { "-" },
            ));
        }
        out
    }

    #[test]
    fn every_state_takes_the_events_it_should() {
        insta::assert_snapshot!(table(), @r"
        active: pause disabled, resume -, resume unconfigured -, sync yes
        disabled: pause -, resume active, resume unconfigured to_configure, sync -
        to_configure: pause -, resume -, resume unconfigured -, sync yes
        processing: pause disabled, resume -, resume unconfigured -, sync yes
        error: pause disabled, resume -, resume unconfigured -, sync yes
        need_reconnect: pause -, resume -, resume unconfigured -, sync yes
        suspended: pause -, resume -, resume unconfigured -, sync -
        degraded: pause disabled, resume -, resume unconfigured -, sync yes
        ");
    }
}
