//! The plan hash: golden vectors, and what changes it.

use orket_contract::canonical;
use orket_contract::digest::{Digest, Hasher, NotADigest, domain};
use orket_contract::id::WorkloadId;
use orket_contract::limit::{ACTIONS_MAX, INTEGER_MAX};
use orket_contract::plan::{RunAction, RunPlan, WORKLOAD_RUN};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any value that can be hashed.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let max = i64::try_from(INTEGER_MAX).expect("53 bits");
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-max..=max).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any::<String>(), value(), 0..5)
        .prop_map(|entries| entries.into_iter().collect())
}

fn plan() -> impl Strategy<Value = RunPlan> {
    let action = (object(), "[a-z][a-z0-9_]{0,8}").prop_map(|(params, target)| RunAction {
        op: WORKLOAD_RUN.to_owned(),
        params,
        target,
    });
    (prop::collection::vec(action, 1..4), object(), "[a-z][a-z0-9_]{0,8}").prop_map(
        |(actions, metadata, id)| {
            let workload_id = WorkloadId::new(id).expect("an id");
            RunPlan { actions, metadata, workload_id, workload_version: "0.1.0".to_owned() }
        },
    )
}

fn hash(plan: &impl serde::Serialize) -> String {
    Digest::of_json(plan).expect("a plan can be hashed").to_string()
}

/// The expected digests were computed with Python's hashlib over the canonical text written by hand.
#[test]
fn golden_plans_keep_their_hash() {
    let id = |id: &str| WorkloadId::new(id).expect("an id");
    let one = RunPlan::single(&id("hello_v1"), "0.1.0");
    assert_eq!(hash(&one), "a2c0bcca0b31941e511311ed81443073d3138517d14362e4099d85b5b38c8f9a");
    let action = |params: Value| RunAction {
        op: WORKLOAD_RUN.to_owned(),
        params: params.as_object().cloned().expect("an object"),
        target: "mystery_v1".to_owned(),
    };
    let metadata = json!({
        "\u{fb33}": "dalet", "😀": "emoji", "ö": "\u{f}€\"\\", "a": { "b": [], "B": {} },
        "1": [true, null, ""], "\r": "Carriage",
    });
    let two = RunPlan {
        actions: vec![
            action(json!({ "seed": u64::MAX.to_string(), "part": 1 })),
            action(json!({ "part": -9_007_199_254_740_991_i64 })),
        ],
        metadata: metadata.as_object().cloned().expect("an object"),
        workload_id: id("mystery_v1"),
        workload_version: "1.2.3-rc.1".to_owned(),
    };
    assert_eq!(hash(&two), "ba5b61d56067d1bdf5fe6ab1a7e0a9a36c995f7d9307785601d1668e11ed528e");
}

#[test]
fn digests_are_plain_sha_256_within_their_domain() {
    check_text("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_text("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let within = Digest::within_json(domain::INPUT, &json!({})).expect("an input").to_string();
    assert_eq!(within, "afc8cf71d7995a3126392361ade54b48c06d42ea28e2ada0efc53973bdae4e12");
    let mut hasher = Hasher::within(domain::INPUT);
    hasher.update(b"{");
    hasher.update(b"}");
    assert_eq!(hasher.finish().to_string(), within);
}

#[track_caller]
fn check_text(text: &str, digest: &str) {
    assert_eq!(Digest::of(text.as_bytes()).to_string(), digest);
    assert_eq!(digest.parse(), Ok(Digest::of(text.as_bytes())));
    assert_eq!(format!("{:?}", Digest::of(text.as_bytes())), format!("sha256:{digest}"));
}

#[test]
fn a_digest_is_64_lower_case_digits_and_nothing_else() {
    let digest = Digest::of(b"").to_string();
    let wrong =
        ["", &digest[1..], &digest.to_uppercase(), &format!("{digest}0"), &format!("sha256:{digest}")];
    for text in
        wrong.into_iter().chain([" ".repeat(64).as_str(), "é".repeat(32).as_str(), "g".repeat(64).as_str()])
    {
        assert_eq!(text.parse::<Digest>(), Err(NotADigest), "{text}");
    }
}

/// The same JSON with the keys of every object in the opposite order.
fn reversed(value: &Value, text: &mut String) {
    let separated = |text: &mut String, first: &mut bool| {
        if !std::mem::take(first) {
            text.push_str(" , ");
        }
    };
    let mut first = true;
    match value {
        Value::Object(entries) => {
            text.push('{');
            for (key, value) in entries.iter().rev() {
                separated(text, &mut first);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                reversed(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                separated(text, &mut first);
                reversed(item, text);
            }
            text.push(']');
        }
        leaf => text.push_str(&leaf.to_string()),
    }
}

/// Every value that differs from this one in a single leaf, key, item or entry.
fn changes(value: &Value) -> Vec<Value> {
    let mut all = match value {
        Value::Null => vec![json!(false), json!("null"), json!(0)],
        Value::Bool(flag) => vec![json!(!flag), json!(flag.to_string())],
        Value::Number(number) => vec![
            json!(number.as_i64().map_or(0, |n| if n > 0 { n - 1 } else { n + 1 })),
            json!(number.to_string()),
        ],
        Value::String(text) => vec![json!(format!("{text} ")), json!([text])],
        Value::Array(_) | Value::Object(_) => vec![Value::Null],
    };
    match value {
        Value::Array(items) => {
            all.push(Value::Array(items.iter().cloned().chain([Value::Null]).collect()));
            for (at, item) in items.iter().enumerate() {
                all.extend(changes(item).into_iter().map(|changed| {
                    let mut items = items.clone();
                    items[at] = changed;
                    Value::Array(items)
                }));
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                let mut without = entries.clone();
                without.remove(key);
                all.push(Value::Object(without));
                all.extend(changes(item).into_iter().map(|changed| {
                    let mut entries = entries.clone();
                    entries.insert(key.clone(), changed);
                    Value::Object(entries)
                }));
            }
        }
        _ => {}
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_keys_never_changes_the_hash(plan in plan()) {
        let value = serde_json::to_value(&plan).expect("JSON");
        let mut text = String::new();
        reversed(&value, &mut text);
        let read = canonical::parse(&text).expect("JSON");
        prop_assert_eq!(hash(&read), hash(&plan));
        let again: RunPlan = serde_json::from_value(read).expect("a plan");
        prop_assert_eq!(hash(&again), hash(&plan));
        prop_assert_eq!(again, plan);
    }

    #[test]
    fn changing_any_value_changes_the_hash(plan in plan()) {
        let value = serde_json::to_value(&plan).expect("JSON");
        let hash_before = hash(&value);
        for changed in changes(&value) {
            prop_assert_ne!(&changed, &value);
            prop_assert_ne!(hash(&changed), hash_before.clone(), "{}", changed);
        }
    }

    #[test]
    fn digests_read_back(bytes: [u8; 32]) {
        let text = Digest(bytes).to_string();
        prop_assert_eq!(text.parse(), Ok(Digest(bytes)));
        prop_assert_eq!(serde_json::from_value::<Digest>(json!(text)).expect("a digest"), Digest(bytes));
    }
}

#[test]
fn a_plan_has_a_bounded_number_of_actions() {
    let mut plan = RunPlan::single(&WorkloadId::new("w").expect("an id"), "0.1.0");
    plan.actions = vec![plan.actions[0].clone(); ACTIONS_MAX];
    assert_eq!(plan.check(), []);
    plan.actions.push(plan.actions[0].clone());
    let codes: Vec<_> = plan.check().into_iter().map(|issue| issue.code).collect();
    assert_eq!(codes, ["plan.invalid"]);
}
