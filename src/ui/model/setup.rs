//! What the visitor sets up: trigger, event, settings and the requests so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::load::{Load, LoadKind};
use super::msg::Setting;
use crate::lambda::caller::Client;
use crate::lambda::config::{Destination, FunctionConfig, MemoryMb, TimeoutSeconds};
use crate::lambda::function::{Alias, Provisioned};
use crate::problem::{Problem, Severity};
use crate::scenario::{Arrival, ModuleHash, Published, Scenario, Traffic, VersionSetup, When};
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
    /// Provisioned concurrency; 0 is none.
    pub provisioned: u32,
    /// The account's concurrency.
    pub account_concurrency: u32,
    /// Whether a client that is refused tries again.
    pub client_retries: bool,
    /// Number of the last question.
    ticket: u32,
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
            provisioned: 0,
            account_concurrency: scenario.account_concurrency,
            client_retries: false,
            ticket: 0,
        };
        if let Some(first) = NAMES.first() {
            setup.take_trigger(first.id, &[]);
        }
        setup
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

    /// Takes a whole scenario; what is to be edited next is its last request.
    pub fn take_scenario(&mut self, scenario: &Scenario, cards: &[Arc<Card>]) {
        self.triggers.clone_from(&scenario.triggers);
        if let Some(last) = scenario.arrivals.last() {
            self.take_trigger(&last.trigger, cards);
            self.set_event(json_text::pretty(&last.payload), true);
        }
        self.config = scenario.function.clone();
        self.environment_text = self
            .config
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        self.environment_problems.clear();
        self.arrivals.clone_from(&scenario.arrivals);
        self.load.take(
            scenario.traffic.first().map(|it| &it.pattern),
            &scenario.runs,
        );
        if let Some(traffic) = scenario.traffic.first() {
            self.take_trigger(&traffic.trigger, cards);
            self.set_event(json_text::pretty(&traffic.payload), true);
            // The very text that is sent, not as it is indented in the editor.
            self.arrivals = vec![Arrival {
                when: When::At(SimTime::ZERO),
                trigger: traffic.trigger.clone(),
                payload: traffic.payload.clone(),
                ..Arrival::default()
            }];
        }
        self.provisioned = scenario
            .published
            .provisioned
            .first()
            .map_or(0, |it| it.amount);
        self.account_concurrency = scenario.account_concurrency;
        self.client_retries = scenario.client != Client::NoRetry;
        self.seed = scenario.seed;
        self.epoch_ms = scenario.epoch_ms;
    }

    /// Changes a setting, clamped to Lambda's range. Says whether anything changed that a run depends on.
    pub fn set(&mut self, setting: Setting) -> bool {
        let before = (
            self.config.clone(),
            self.load,
            self.provisioned,
            self.account_concurrency,
            self.client_retries,
        );
        let load = &mut self.load;
        let config = &mut self.config;
        match setting {
            Setting::Memory(mb) => {
                config.memory = MemoryMb(mb.clamp(MemoryMb::MIN.0, MemoryMb::MAX.0));
            }
            Setting::Timeout(seconds) => {
                config.timeout =
                    TimeoutSeconds(seconds.clamp(TimeoutSeconds::MIN.0, TimeoutSeconds::MAX.0));
            }
            Setting::EphemeralStorage(mb) => {
                config.ephemeral_storage_mb = mb.clamp(EPHEMERAL_MB.0, EPHEMERAL_MB.1);
            }
            Setting::Architecture(architecture) => config.architecture = architecture,
            Setting::Retries(retries) => config.maximum_retry_attempts = retries.min(2),
            Setting::EventAge(seconds) => {
                config.maximum_event_age_seconds =
                    seconds.clamp(EVENT_AGE_SECONDS.0, EVENT_AGE_SECONDS.1);
            }
            Setting::LoadKind(kind) => load.kind = kind,
            Setting::LoadRuns(runs) => load.runs = runs,
            Setting::LoadRate(rate) => load.rate = rate,
            Setting::LoadFrom(rate) => load.from = rate,
            Setting::LoadSeconds(seconds) => load.seconds = seconds,
            Setting::LoadCount(count) => load.count = count,
            Setting::ModelDuration(ms) => load.model_ms = ms,
            Setting::ModelInit(ms) => load.model_init_ms = ms,
            Setting::ModelErrors(percent) => load.model_errors_percent = percent.min(100),
            Setting::Reserved(amount) => config.reserved_concurrency = amount,
            Setting::Provisioned(amount) => self.provisioned = amount,
            Setting::Account(amount) => self.account_concurrency = amount,
            Setting::ClientRetries(retries) => self.client_retries = retries,
            Setting::OnFailure(service) => {
                config.on_failure = destination(&service, "failed-events");
            }
            Setting::OnSuccess(service) => {
                config.on_success = destination(&service, "processed-events");
            }
            Setting::DeadLetter(service) => {
                config.dead_letter = destination(&service, "dead-letters");
            }
            Setting::Environment(text) => {
                let (variables, problems) = read_environment(&text);
                self.environment_text = text;
                let broken = problems
                    .iter()
                    .any(|problem| problem.severity == Severity::Error);
                self.environment_problems = problems;
                if !broken {
                    config.environment = variables;
                }
            }
        }
        (
            &self.config,
            self.load,
            self.provisioned,
            self.account_concurrency,
            self.client_retries,
        ) != (&before.0, before.1, before.2, before.3, before.4)
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
        self.arrivals.push(Arrival {
            when,
            trigger: self.trigger.clone(),
            payload: self.event.text.clone(),
            ..Arrival::default()
        });
    }

    /// The scenario for the worker.
    pub fn scenario(&self, module: &ModuleHash) -> Scenario {
        let mut scenario = Scenario {
            seed: self.seed,
            epoch_ms: self.epoch_ms,
            function: self.config.clone(),
            module: module.clone(),
            runs: self.load.runs(),
            account_concurrency: self.account_concurrency,
            triggers: self.triggers.clone(),
            client: if self.client_retries {
                Client::SDK
            } else {
                Client::NoRetry
            },
            ..Scenario::default()
        };
        let mut qualifier = None;
        if self.provisioned > 0 {
            // Lambda provisions for versions and aliases only, never for $LATEST.
            qualifier = Some(ALIAS.to_owned());
            scenario.published = Published {
                versions: vec![VersionSetup {
                    number: 1,
                    config: None,
                    module: None,
                    runs: None,
                }],
                aliases: vec![Alias {
                    name: ALIAS.to_owned(),
                    version: 1,
                    additional: None,
                }],
                provisioned: vec![Provisioned {
                    qualifier: ALIAS.to_owned(),
                    amount: self.provisioned,
                    requested: None,
                }],
            };
        }
        match (self.load.pattern(), self.arrivals.last()) {
            (Some(pattern), Some(sent)) => scenario.traffic.push(Traffic {
                start: SimTime::ZERO,
                pattern,
                trigger: sent.trigger.clone(),
                payload: sent.payload.clone(),
                function: None,
                qualifier,
            }),
            _ => {
                scenario.arrivals.clone_from(&self.arrivals);
                for arrival in &mut scenario.arrivals {
                    arrival.qualifier.clone_from(&qualifier);
                }
            }
        }
        scenario
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

/// The alias that provisioned concurrency is for, and that requests then name.
const ALIAS: &str = "live";

/// A destination of this service in the simulated account; none for any other word.
fn destination(service: &str, name: &str) -> Option<Destination> {
    let arn = match service {
        "sqs" | "sns" => format!("arn:aws:{service}:us-east-1:123456789012:{name}"),
        "events" => "arn:aws:events:us-east-1:123456789012:event-bus/default".to_owned(),
        "s3" => format!("arn:aws:s3:::amzn-s3-demo-{name}"),
        _ => return None,
    };
    Some(Destination(arn))
}

/// Bytes that all names and values together may take.
const ENVIRONMENT_BYTES: usize = 4_096;

/// Reads `NAME=value` lines, with Lambda's rules for names.
fn read_environment(text: &str) -> (Vec<(String, String)>, Vec<Problem>) {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = format!("line {}", index + 1);
        let Some((name, value)) = line.split_once('=') else {
            problems.push(Problem::error(
                "environment.line",
                place,
                "There is no = in it.",
                "Write one variable a line, as NAME=value.",
            ));
            continue;
        };
        let name = name.trim();
        let mut letters = name.chars();
        let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
        let goes_on =
            letters.clone().count() > 0 && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !begins || !goes_on {
            problems.push(Problem::error(
                "environment.name",
                place,
                format!("Lambda does not take the name \"{name}\"."),
                "A name is a letter followed by at least one letter, digit or underscore.",
            ));
        } else if variables.iter().any(|(other, _)| other == name) {
            problems.push(Problem::error(
                "environment.twice",
                place,
                format!("{name} is there twice."),
                "Keep one of them.",
            ));
        } else {
            variables.push((name.to_owned(), value.to_owned()));
        }
    }
    let size: usize = variables
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > ENVIRONMENT_BYTES {
        problems.push(Problem::error(
            "environment.size",
            "",
            format!("All variables together take {size} bytes; Lambda takes 4,096."),
            "Shorten them, or move large values into the event.",
        ));
    }
    (variables, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn variables_are_checked_as_lambda_would() {
        let (variables, problems) = read_environment("STAGE=test\n\n9X=1\nA=1\nURL=a=b\nnothing");
        assert_eq!(
            variables,
            [("STAGE", "test"), ("URL", "a=b")].map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
        let places: Vec<&str> = problems.iter().map(|p| p.place.as_str()).collect();
        assert_eq!(places, ["line 3", "line 4", "line 6"]);
    }
}
