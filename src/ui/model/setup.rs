//! What the visitor sets up: trigger, event, settings and the requests so far.

mod scenario;
mod setting;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::load::{Load, LoadKind};
use crate::lambda::caller::Client;
use crate::lambda::config::FunctionConfig;
use crate::lambda::drill::Drill;
use crate::problem::Problem;
use crate::scenario::{Arrival, FunctionSetup, Mapping, Published, Scenario, Traffic, When};
use crate::session::desk::{Aside, Card, Question};
use crate::sim::{SimDuration, SimTime};
use crate::trigger::Form;
use crate::trigger::names::NAMES;
use crate::ui::json_text;

/// Between the end of one request and the next.
const GAP: SimDuration = SimDuration::from_secs(1);

/// The setup part of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The trigger's id.
    pub trigger: String,
    /// Its filled form.
    pub form: Form,
    /// What the triggers that were used are set up with besides events, as scenarios have it.
    pub triggers: BTreeMap<String, BTreeMap<String, String>>,
    /// The event.
    pub event: EventDraft,
    /// The function's configuration.
    pub config: FunctionConfig,
    /// The environment variables as they are typed.
    pub environment_text: String,
    /// What is wrong with them.
    pub environment_problems: Vec<Problem>,
    /// The requests so far.
    pub arrivals: Vec<Arrival>,
    /// Real milliseconds that one guest phase may take.
    pub patience_ms: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Calendar time of virtual time zero.
    pub epoch_ms: i64,
    /// How many requests come, and how the function is run for them.
    pub load: Load,
    /// Loads besides that one.
    pub loads: Vec<Traffic>,
    /// Where the next request goes, and what it asks for.
    pub call: Call,
    /// The first function's versions, aliases and provisioned concurrency.
    pub published: Published,
    /// Functions besides the first.
    pub others: Vec<FunctionSetup>,
    /// Event source mappings that were set up; those by default are not among them.
    pub mappings: Vec<Mapping>,
    /// Failure drills.
    pub drills: Vec<Drill>,
    /// The account's concurrency.
    pub account_concurrency: u32,
    /// What a client does that is refused.
    pub client: Client,
    /// How many asynchronous events in a million are delivered twice.
    pub duplicates_per_million: u32,
    /// How long idle environments are kept, in seconds.
    pub idle_lifetime_seconds: u32,
    /// Number of the last question.
    ticket: u32,
}

/// Where a request goes, and what a direct call asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// A function besides the first.
    pub function: Option<String>,
    /// A version or alias of it.
    pub qualifier: Option<String>,
    /// Whether a direct call asks for the log's end.
    pub log_tail: bool,
    /// Whether a direct call is a dry run.
    pub dry_run: bool,
}

/// The event as the visitor sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventDraft {
    /// The text in the editor.
    pub text: String,
    /// Whether the visitor changed it by hand.
    pub edited: bool,
    /// Why it cannot be sent.
    pub error: Option<Problem>,
    /// What the trigger thinks of it.
    pub findings: Vec<Problem>,
    /// What else the trigger has to say about it.
    pub aside: Aside,
    /// What the trigger has been asked for this event.
    pub asked: Option<Asked>,
}

/// A question to the triggers' worker that waits for its answer; carries its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// For a sample: the text is of another trigger or form, and is not to be sent.
    Sample(u32),
    /// For findings about the text.
    Check(u32),
}

/// Lambda's range of ephemeral storage in MB.
pub const EPHEMERAL_MB: (u32, u32) = (512, 10_240);
/// Lambda's range of the maximum event age in seconds.
pub const EVENT_AGE_SECONDS: (u32, u32) = (60, 21_600);

impl Setup {
    /// A fresh page's setup: the first trigger of the registry with its sample.
    pub fn new() -> Self {
        let scenario = Scenario::default();
        let mut setup = Self {
            trigger: String::new(),
            form: Form::new(),
            triggers: BTreeMap::new(),
            event: EventDraft::default(),
            config: scenario.function,
            environment_text: String::new(),
            environment_problems: Vec::new(),
            arrivals: Vec::new(),
            patience_ms: 10_000,
            seed: scenario.seed,
            epoch_ms: scenario.epoch_ms,
            load: Load::default(),
            loads: Vec::new(),
            call: Call::default(),
            published: scenario.published,
            others: scenario.others,
            mappings: scenario.mappings,
            drills: scenario.drills,
            account_concurrency: scenario.account_concurrency,
            client: scenario.client,
            duplicates_per_million: scenario.duplicates_per_million,
            idle_lifetime_seconds: scenario.idle_lifetime_seconds,
            ticket: 0,
        };
        if let Some(first) = NAMES.first() {
            setup.take_trigger(first.id, &[]);
        }
        setup
    }

    /// Whether it is as a first visit finds it: nothing was chosen, typed or brought.
    pub fn is_untouched(&self) -> bool {
        let new = Self::new();
        self.trigger == new.trigger
            && !self.event.edited
            && self.config == new.config
            && self.triggers == new.triggers
            && self.arrivals.is_empty()
            && self.loads.is_empty()
    }

    /// Takes a trigger with a fresh form, and wants its sample; one that does not exist is not taken.
    pub fn take_trigger(&mut self, id: &str, cards: &[Arc<Card>]) {
        if NAMES.iter().all(|named| named.id != id) {
            return;
        }
        self.trigger = id.to_owned();
        self.form.clear();
        self.fill_form(cards);
        self.want_sample();
    }

    /// Gives a form that is still empty its fields, when they are known.
    pub fn fill_form(&mut self, cards: &[Arc<Card>]) {
        if self.form.is_empty()
            && let Some(card) = cards.iter().find(|card| card.id == self.trigger)
        {
            self.form = card
                .fields
                .iter()
                .map(|field| (field.key.clone(), field.default.clone()))
                .collect();
            self.take_settings(cards);
        }
    }

    /// Puts what a scenario says of the trigger into the form; what it says nothing of is as in a fresh one.
    pub fn take_settings(&mut self, cards: &[Arc<Card>]) {
        let Some(settings) = self.triggers.get(&self.trigger) else {
            return;
        };
        let card = cards.iter().find(|card| card.id == self.trigger);
        for field in card.iter().flat_map(|card| &card.fields) {
            if field.setting
                && let Some(value) = settings.get(&field.key)
                && let Some(slot) = self.form.iter_mut().find(|(key, _)| *key == field.key)
            {
                slot.1.clone_from(value);
            }
        }
    }

    /// Notes the form's settings: what is sent from now on is sent with them.
    pub fn note_settings(&mut self, cards: &[Arc<Card>]) {
        let Some(card) = cards.iter().find(|card| card.id == self.trigger) else {
            return;
        };
        let settings: BTreeMap<String, String> = self
            .form
            .iter()
            .filter(|(key, value)| {
                let mut fields = card.fields.iter();
                !value.trim().is_empty() && fields.any(|field| field.setting && field.key == *key)
            })
            .cloned()
            .collect();
        if settings.is_empty() {
            self.triggers.remove(&self.trigger);
        } else {
            self.triggers.insert(self.trigger.clone(), settings);
        }
    }

    /// Changes a field of the form; the sample follows unless the event was edited by hand.
    pub fn edit_form(&mut self, key: &str, value: String) {
        if let Some(slot) = self.form.iter_mut().find(|(name, _)| name == key) {
            slot.1 = value;
        }
        if !self.event.edited {
            self.want_sample();
        } else if self.event.error.is_none() {
            // The event stays, but what the service does with it may be another now.
            self.ticket += 1;
            self.event.asked = Some(Asked::Check(self.ticket));
        }
    }

    /// Wants the trigger's sample for the form as it is.
    pub fn want_sample(&mut self) {
        self.ticket += 1;
        self.event.asked = Some(Asked::Sample(self.ticket));
    }

    /// What the triggers' worker is to be asked about the event, as long as the answer is awaited.
    pub fn question(&self) -> Option<Question> {
        Some(match self.event.asked? {
            Asked::Sample(ticket) => Question::Sample {
                ticket,
                trigger: self.trigger.clone(),
                form: self.form.clone(),
                time_ms: self.epoch_ms,
                seed: self.seed,
            },
            Asked::Check(ticket) => Question::Check {
                ticket,
                trigger: self.trigger.clone(),
                text: self.event.text.clone(),
                form: self.form.clone(),
            },
        })
    }

    /// Whether the event is still that of another trigger or form.
    pub fn awaits_sample(&self) -> bool {
        matches!(self.event.asked, Some(Asked::Sample(_)))
    }

    /// Takes over the count of questions from what was set up before: an answer to one of those is not for this.
    pub fn forget_questions_before(&mut self, before: &Self) {
        self.ticket = self.ticket.max(before.ticket) + 1;
        if let Some(asked) = &mut self.event.asked {
            *asked = match asked {
                Asked::Sample(_) => Asked::Sample(self.ticket),
                Asked::Check(_) => Asked::Check(self.ticket),
            };
        }
    }

    /// The sample that was wanted; another's is not taken.
    pub fn take_sample(&mut self, ticket: u32, text: String, findings: Vec<Problem>, aside: Aside) {
        if self.event.asked == Some(Asked::Sample(ticket)) {
            self.event = EventDraft {
                text,
                findings,
                aside,
                ..EventDraft::default()
            };
        }
    }

    /// What the trigger thinks of the event, unless it has changed since.
    pub fn take_findings(&mut self, ticket: u32, findings: Vec<Problem>, aside: Aside) {
        if self.event.asked == Some(Asked::Check(ticket)) {
            self.event.asked = None;
            self.event.findings = findings;
            self.event.aside = aside;
        }
    }

    /// Takes a text as the event; what is not JSON is told at once, the rest when the trigger has looked at it.
    pub fn set_event(&mut self, text: String, edited: bool) {
        let error = json_text::check(&text).err();
        let asked = error.is_none().then(|| {
            self.ticket += 1;
            Asked::Check(self.ticket)
        });
        // Findings stay until there are new ones, so that the list does not flicker while one types.
        let (findings, aside) = match asked {
            Some(_) => (
                std::mem::take(&mut self.event.findings),
                std::mem::take(&mut self.event.aside),
            ),
            None => Default::default(),
        };
        self.event = EventDraft {
            text,
            edited,
            error,
            findings,
            aside,
            asked,
        };
    }

    /// One more request with the event as it is; under load it is the one that is sent again and again.
    pub fn arrive(&mut self) {
        if self.load.kind != LoadKind::Single {
            self.arrivals.clear();
        }
        let when = if self.arrivals.is_empty() {
            When::At(SimTime::ZERO)
        } else {
            When::AfterPrevious(GAP)
        };
        let direct = self.trigger == "direct" && self.load.kind == LoadKind::Single;
        self.arrivals.push(Arrival {
            when,
            trigger: self.trigger.clone(),
            payload: self.event.text.clone(),
            function: self.call.function.clone(),
            qualifier: self.call.qualifier.clone(),
            log_tail: direct && self.call.log_tail,
            dry_run: direct && self.call.dry_run,
        });
    }

    /// Under load the request that stands for all of them follows what is set up; single ones stay as they were sent.
    pub(super) fn retarget(&mut self) {
        if self.load.kind == LoadKind::Single {
            return;
        }
        if let Some(sent) = self.arrivals.last_mut() {
            sent.function.clone_from(&self.call.function);
            sent.qualifier.clone_from(&self.call.qualifier);
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::config::{MemoryMb, TimeoutSeconds};
    use crate::scenario::ModuleHash;
    use crate::ui::model::Setting;
    use crate::ui::model::{List, Part};

    #[test]
    fn settings_stay_in_lambdas_range() {
        let mut setup = Setup::new();
        setup.set(Setting::Memory(5));
        assert_eq!(setup.config.memory, MemoryMb::MIN);
        setup.set(Setting::Timeout(10_000));
        assert_eq!(setup.config.timeout, TimeoutSeconds::MAX);
    }

    #[test]
    fn the_first_request_comes_at_zero_and_the_next_after_it() {
        let mut setup = Setup::new();
        setup.arrive();
        setup.arrive();
        let times: Vec<When> = setup.arrivals.iter().map(|arrival| arrival.when).collect();
        assert_eq!(times, [When::At(SimTime::ZERO), When::AfterPrevious(GAP)]);
    }

    /// What a link or a file carries is set up to the last setting, and comes out again.
    #[test]
    fn a_scenario_survives_the_page() {
        use crate::lambda::drill::{Drill, Trouble};
        use crate::lambda::traffic::Pattern;
        use crate::scenario::{FunctionSetup, Runs};

        let mut set_up = Setup::new();
        set_up.trigger = "kinesis".to_owned();
        for list in [
            List::Functions,
            List::Aliases(0),
            List::Aliases(1),
            List::Drills,
        ] {
            set_up.set(Setting::Add(list));
        }
        set_up.set(Setting::Edit {
            part: Part::Mapping,
            key: "BatchSize".to_owned(),
            value: "7".to_owned(),
        });
        set_up.set(Setting::LoadKind(LoadKind::Poisson));
        set_up.arrive();
        set_up.set(Setting::Add(List::Loads));
        set_up.set(Setting::LoadKind(LoadKind::Times));
        set_up.set(Setting::LoadTimes("0\n0.25".to_owned()));
        let mut scenario = set_up.scenario(&ModuleHash("ab".repeat(32)));
        scenario.traffic[0].start = SimTime::from_nanos(5);
        scenario.traffic[0].qualifier = Some("live".to_owned());
        scenario.client = Client::Backoff {
            max_attempts: 9,
            base_ms: 1,
            cap_ms: 2,
        };
        scenario.duplicates_per_million = 3;
        scenario.idle_lifetime_seconds = 4;
        scenario.seed = 99;
        scenario.function.log_group = Some("/mine".to_owned());
        scenario.drills.push(Drill {
            function: None,
            from: SimTime::from_nanos(1),
            until: Some(SimTime::from_nanos(2)),
            trouble: Trouble::LostEnvironment { per_million: 1 },
        });
        assert_eq!(scenario.traffic.len(), 2);
        assert!(matches!(&scenario.traffic[0].pattern, Pattern::Times(times) if times.len() == 2));
        assert!(matches!(
            &scenario.others[..],
            [FunctionSetup {
                runs: Runs::Model(_),
                ..
            }]
        ));
        let mut page = Setup::new();
        page.take_scenario(&scenario, &[]);
        assert_eq!(page.scenario(&scenario.module), scenario);

        // Single requests keep their targets and what they asked for, each its own.
        scenario.traffic.clear();
        scenario.runs = Runs::Model(crate::lambda::model::Model::default());
        scenario.arrivals = vec![
            Arrival {
                function: Some("other-function".to_owned()),
                ..Arrival::default()
            },
            Arrival {
                qualifier: Some("live".to_owned()),
                log_tail: true,
                ..Arrival::default()
            },
        ];
        page.take_scenario(&scenario, &[]);
        assert_eq!(page.scenario(&scenario.module), scenario);
        assert!(page.call.log_tail);
    }
}
