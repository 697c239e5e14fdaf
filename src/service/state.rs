//! States and the steps between them, as tables: what may happen to a row in which state, and what
//! becomes of it. A module states its table; nothing here knows what the states mean.

use sea_orm::ActiveEnum;

/// One kind of step: what happens, from which states it may, and the state afterwards.
pub struct Step<S: 'static, E: 'static> {
    /// What happens.
    pub event: E,
    /// The same as a participle, for sentences: `paused`.
    pub done: &'static str,
    /// The states in which it may happen.
    pub from: &'static [S],
    /// The state afterwards.
    pub to: S,
}

/// The state after `event`, or a sentence that says in which states it may happen.
pub fn next<S, E>(steps: &[Step<S, E>], state: S, event: E) -> Result<S, String>
where
    S: ActiveEnum<Value = String> + PartialEq + Copy,
    E: PartialEq,
{
    let possible = || steps.iter().filter(|step| step.event == event);
    if let Some(step) = possible().find(|step| step.from.contains(&state)) {
        return Ok(step.to);
    }
    let from = possible().flat_map(|step| step.from);
    let words: Vec<_> = from.map(|s| format!("`{}`", s.to_value())).collect();
    let done = possible().next().map_or("changed", |step| step.done);
    Err(format!(
        "is `{}`; only what is {} can be {done}",
        state.to_value(),
        words.join(" or ")
    ))
}
