//! What event sources and their pollers draw.

use super::{Drawing, bar, end_bar};
use crate::lambda::event::{CallerView, Entry, InvocationId};
use crate::lambda::event_source::SourceEvent;
use crate::sim::SimTime;
use crate::ui::narration;
use crate::ui::timeline::lane::{Bar, BarKind, LaneKind, MarkKind};

impl Drawing {
    /// A poller calls the function and waits for what Lambda answers.
    pub(super) fn begin_poll(&mut self, at: SimTime, invocation: InvocationId, source: &str) {
        let label = format!("{source}: the poller waits");
        let bar = bar(BarKind::Calling, at, label, Some((invocation, 1)));
        self.polls.insert(invocation, bar);
        self.lane(LaneKind::Caller);
    }

    /// Ends the poller's call, if it was one, together with the run it waited for.
    pub(super) fn end_poll(&mut self, run: &Bar) {
        let invocation = run.attempt.map(|attempt| attempt.invocation);
        if let Some(mut poll) = invocation.and_then(|it| self.polls.remove(&it)) {
            end_bar(&mut poll, run.to, run.outcome);
            poll.detail = format!("{}: {}", poll.label, run.outcome.word().to_lowercase());
            self.lane(LaneKind::Caller).bars.push(poll);
        }
    }

    /// What happens at an event source: its producers' answers, and of the rest only what a queue's lane can show, items
    /// that come and items that go.
    pub(super) fn source(&mut self, entry: &Entry, event: &SourceEvent) {
        let (kind, label) = match event {
            SourceEvent::ProducerSaw { answer, .. } => {
                return self.producer_saw(entry.at, &answer.view());
            }
            SourceEvent::BatchSent { .. } => {
                self.batch_sent = true;
                return;
            }
            SourceEvent::BatchEnded { .. } => {
                self.batch_sent = false;
                return;
            }
            SourceEvent::Arrived { .. } => (MarkKind::Accepted, "arrives"),
            SourceEvent::Returned { .. } => (MarkKind::Accepted, "returns"),
            SourceEvent::Redriven { .. } => (MarkKind::Accepted, "redriven"),
            SourceEvent::Rejected { .. } => (MarkKind::Refused, "rejected"),
            SourceEvent::FilteredOut { .. } => (MarkKind::Dropped, "filtered"),
            SourceEvent::MovedToDeadLetterQueue { .. } => (MarkKind::Dropped, "dead letter"),
            SourceEvent::Expired { .. } => (MarkKind::Dropped, "expired"),
            SourceEvent::Discarded { .. } => (MarkKind::Dropped, "given up"),
            _ => return,
        };
        if !self.lanes.contains_key(&LaneKind::Queue) {
            self.lane(LaneKind::Queue).title = "Event source".to_owned();
        }
        let told = narration::tell(entry);
        let detail = format!("{}. {}", told.title, told.meaning);
        self.mark(LaneKind::Queue, entry.at, kind, label, detail);
    }

    /// Whoever sends to a source has its answer at once: a mark, for it does not wait.
    fn producer_saw(&mut self, at: SimTime, view: &CallerView) {
        let (kind, word) = match view.ok {
            true => (MarkKind::Accepted, "accepted"),
            false => (MarkKind::Refused, "refused"),
        };
        let label = view
            .status
            .map_or_else(|| word.to_owned(), |status| status.to_string());
        let detail = format!("Producer → {label}. {}", view.explanation);
        self.mark(LaneKind::Caller, at, kind, &label, detail);
    }
}
