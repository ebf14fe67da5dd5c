//! The shape every rule of Docket has: fold the past into a state, decide on it, record what follows.

/// A pure, synchronous set of rules over one stream.
///
/// Time, actor and new identifiers come in the command, so that the same history and the same command give
/// the same events on every machine, today and in a replay.
pub trait Decider {
    /// What somebody wants.
    type Command;
    /// What happened.
    type Event;
    /// What the past amounts to.
    type State;
    /// Why the wish cannot be granted; safe to show to whoever asked.
    type Refusal;

    /// The state before the first event.
    fn initial() -> Self::State;

    /// What follows from a command. An empty list means that the wish already holds.
    ///
    /// # Errors
    /// The reason for which nothing may be recorded.
    fn decide(command: &Self::Command, state: &Self::State) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// The state after one more event. Total: it never fails and never panics, also on histories that no
    /// decider accepted (imports).
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// The state after a whole history.
    fn fold<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::initial(), Self::evolve)
    }
}
