//! The record of a run: its lines and its rolling head.

use orket_contract::canonical;
use orket_contract::digest::Digest;
use orket_contract::transcript::{Head, Kind, Record};
use serde_json::json;

const PLAN: &str = "a2c0bcca0b31941e511311ed81443073d3138517d14362e4099d85b5b38c8f9a";
const STEP: &str = r#"{"i":0,"k":"step","op":"workload.run","req":"hello_v1","v":"0"}"#;
const CALL: &str = r#"{"cap":"console","i":1,"k":"call","op":"read_line","req":{},"res":null,"v":"1000000"}"#;

/// The expected heads were computed with Python's hashlib.
#[test]
fn heads_are_chained_digests_of_the_lines() {
    let plan: Digest = PLAN.parse().expect("a digest");
    let start = Head::start(plan);
    assert_eq!(
        start.digest().to_string(),
        "e481082f566baf51025f7e91b0189419670ea232769b0619bdda82bba63bb694"
    );
    let step = start.after(STEP);
    assert_eq!(step.digest().to_string(), "43f8525bb23694ea74d491a2ec25532ea8a2bbb4792ec30b6f621f56d25ce53a");
    let call = step.after(CALL);
    assert_eq!(call.digest().to_string(), "3fb292bac7cb4505e549f9125418f2c31294a46a982ce085d1ac6dcd95298704");
    assert_ne!(start.after(CALL).after(STEP), call, "the order of events is part of the head");
    assert_ne!(start.after(&format!("{STEP}{CALL}")), call, "so is where a line ends");
}

#[test]
fn records_are_written_as_one_canonical_line() {
    let step = Record {
        op: Some("workload.run".to_owned()),
        req: Some(json!("hello_v1")),
        ..Record::new(0, Kind::Step, 0)
    };
    assert_eq!(canonical::to_string(&step).expect("a line"), STEP);
    // `null` was answered: the end of the console's input is not the lack of an answer.
    let call = Record {
        cap: Some("console".to_owned()),
        op: Some("read_line".to_owned()),
        req: Some(json!({})),
        res: Some(json!(null)),
        ..Record::new(1, Kind::Call, 1_000_000)
    };
    assert_eq!(canonical::to_string(&call).expect("a line"), CALL);
    for (line, record) in [(STEP, step), (CALL, call)] {
        assert_eq!(serde_json::from_str::<Record>(line).expect("a record"), record);
    }
}

#[test]
fn one_time_has_one_text() {
    let line = |v: &str| format!(r#"{{"i":0,"k":"exit","v":{v}}}"#);
    for v in ["0", "7", "18446744073709551615"] {
        let record: Record = serde_json::from_str(&line(&format!("\"{v}\""))).expect(v);
        assert_eq!(record.v.to_string(), v);
    }
    for v in ["7", "\"+7\"", "\"07\"", "\"-1\"", "\"\"", "\" 7\"", "\"18446744073709551616\"", "null"] {
        serde_json::from_str::<Record>(&line(v)).expect_err(v);
    }
}

#[test]
fn unknown_and_repeated_keys_of_a_record_are_refused() {
    for line in [
        r#"{"i":0,"k":"exit","v":"0","w":1}"#,
        r#"{"i":0,"i":0,"k":"exit","v":"0"}"#,
        r#"{"i":0,"k":"leave","v":"0"}"#,
        r#"{"k":"exit","v":"0"}"#,
    ] {
        serde_json::from_str::<Record>(line).expect_err(line);
    }
}
