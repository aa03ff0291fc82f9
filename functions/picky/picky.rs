//! Fails for every event that says `poison`, in clear or, as Kinesis and Kafka carry their records, in Base64; any other
//! it answers. It teaches what one bad message does to those beside and behind it: the whole batch fails with it.
//!
//! With a batch it logs each record before it looks at the next, so that the log shows what was done twice.

#[path = "../include/lambda.rs"]
mod lambda;

/// Sources of batches whose content can be told apart so simply.
const BATCHES: [&str; 2] = ["aws:sqs", "aws:kinesis"];

/// The word, and the same in Base64 where it begins the record.
const POISON: [&str; 2] = ["poison", "cG9pc29u"];

lambda::handler!(taste);

fn taste(event: &str) -> Result<String, lambda::Failure> {
    let mut records = 0;
    // In a message or a record of a stream this comes behind the content, in each of them.
    let mut rest = event;
    while let Some(after) = lambda::after(rest, "\"eventSource\"") {
        if !after
            .split('"')
            .nth(1)
            .is_some_and(|source| BATCHES.contains(&source))
        {
            break;
        }
        check(&rest[..rest.len() - after.len()])?;
        records += 1;
        lambda::log(&format!("Record {records} is good"));
        rest = after;
    }
    check(rest)?;
    if records == 0 {
        lambda::log("The event is good");
    }
    Ok(format!(r#"{{"ok":true,"records":{records}}}"#))
}

fn check(text: &str) -> Result<(), lambda::Failure> {
    if POISON
        .iter()
        .all(|word| lambda::after(text, word).is_none())
    {
        return Ok(());
    }
    lambda::log("This one is poison");
    Err(lambda::Failure {
        kind: "PoisonError",
        message: "The event says poison, and this function cannot take that".to_owned(),
    })
}
