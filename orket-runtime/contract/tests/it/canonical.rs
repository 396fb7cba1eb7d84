//! Canonical JSON against the examples of RFC 8785, and what Orket refuses beyond it.

use orket_contract::canonical::{parse, to_string};
use orket_contract::code;
use orket_contract::limit::{DEPTH_MAX, INTEGER_MAX};
use proptest::prelude::*;
use serde_json::{Value, json};

#[track_caller]
fn check(text: &str, expected: &str) {
    let value = parse(text).expect("JSON");
    assert_eq!(to_string(&value).expect("canonical"), expected);
    // A canonical text is its own canonical form.
    assert_eq!(to_string(&parse(expected).expect("JSON")).expect("canonical"), expected);
}

#[track_caller]
fn check_refused(text: &str, code: &str, place: (usize, usize)) {
    let fault = parse(text).expect_err(text);
    assert_eq!((fault.code, fault.place), (code, place), "{text}: {fault}");
}

/// RFC 8785, section 3.2.2, with its strings and literals; the fractions are below.
#[test]
fn strings_and_literals_are_written_as_the_rfc_says() {
    check(
        r#"{ "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }"#,
        "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
    );
}

/// RFC 8785, section 3.2.3: keys are sorted by UTF-16 units, which is not the order of their bytes.
#[test]
fn keys_are_sorted_by_utf_16_units() {
    check(
        r#"{
            "\u20ac": "Euro Sign",
            "\r": "Carriage Return",
            "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One",
            "\ud83d\ude00": "Emoji: Grinning Face",
            "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"
        }"#,
        concat!(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",",
            "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",",
            "\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
        ),
    );
}

#[test]
fn structures_lose_their_spaces_and_nothing_else() {
    check("[ 56 , { \"d\" : true, \"10\" : null, \"1\" : [ ] } ]", r#"[56,{"1":[],"10":null,"d":true}]"#);
    check(
        r#"{"b":{"B":1,"a":{}},"":"empty","A":[{"e":1,"E":2}]}"#,
        r#"{"":"empty","A":[{"E":2,"e":1}],"b":{"B":1,"a":{}}}"#,
    );
    // Normalisation is not the business of a canonical form.
    check(r#""A\u030a""#, "\"A\u{30a}\"");
    check(r#"{"pêche":1,"péché":2,"peach":3}"#, r#"{"peach":3,"péché":2,"pêche":1}"#);
    check("\"\u{7f}\u{2028}\\u007f\"", "\"\u{7f}\u{2028}\u{7f}\"");
}

#[test]
fn hard_integers_survive_or_are_refused() {
    let max = i64::try_from(INTEGER_MAX).expect("53 bits");
    for number in [0, 1, -1, max - 1, max, -max] {
        check(&number.to_string(), &number.to_string());
    }
    let refused = [
        "9007199254740992",
        "-9007199254740992",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
    ];
    for text in refused.into_iter().chain(["1.0", "1e2", "-0", "0.1", "5e-324", "-0.0"]) {
        let fault = to_string(&parse(text).expect("JSON")).expect_err(text);
        assert_eq!(fault.code, code::JSON_NUMBER, "{text}");
    }
}

/// serde_json writes these as `null`, in silence.
#[test]
fn numbers_that_are_not_finite_are_refused_at_any_depth() {
    #[derive(serde::Serialize)]
    enum Shape {
        Point(f64, f32),
        Named { x: Option<f64> },
        Bare(Vec<f32>),
    }
    let shapes = [
        Shape::Point(0.0, f32::NAN),
        Shape::Named { x: Some(f64::INFINITY) },
        Shape::Bare(vec![f32::NEG_INFINITY]),
    ];
    for shape in shapes {
        let fault = to_string(&[("key", shape)]).expect_err("not finite");
        assert_eq!(fault.code, code::JSON_NUMBER);
        assert!(!fault.message.contains("2^53"), "{fault}");
    }
    assert_eq!(to_string(&u128::MAX).expect_err("too large").code, code::JSON_NUMBER);
    assert_eq!(to_string(&i128::MIN).expect_err("too large").code, code::JSON_NUMBER);
    assert_eq!(to_string(&Shape::Named { x: None }).expect("a value"), r#"{"Named":{"x":null}}"#);
    assert_eq!(to_string(&(7u128, 'x', (), "t", true)).expect("a value"), r#"[7,"x",null,"t",true]"#);
}

#[test]
fn a_refused_number_is_named_by_its_pointer() {
    let fault = to_string(&json!({ "a/b": [{ "~": 0.5 }] })).expect_err("a fraction");
    assert!(fault.message.starts_with("`/a~1b/0/~0` is 0.5"), "{fault}");
    assert!(to_string(&0.5).expect_err("a fraction").message.starts_with("the value is 0.5"));
}

#[test]
fn duplicate_keys_are_refused_where_they_stand() {
    check_refused(r#"{"a":1,"a":2}"#, code::JSON_DUPLICATE_KEY, (1, 10));
    check_refused("{\"x\":[{\"ö\":1,\n\"\\u00f6\":2}]}", code::JSON_DUPLICATE_KEY, (2, 8));
    check_refused(r#"{"ö":{"b":1,"b":1}}"#, code::JSON_DUPLICATE_KEY, (1, 15));
}

#[test]
fn broken_texts_are_refused_with_a_place_in_characters() {
    check_refused("", code::JSON_SYNTAX, (1, 0));
    check_refused("{} {}", code::JSON_SYNTAX, (1, 4));
    check_refused("[1,]", code::JSON_SYNTAX, (1, 4));
    check_refused("[\"öö\", x]", code::JSON_SYNTAX, (1, 8));
    check_refused("NaN", code::JSON_SYNTAX, (1, 1));
    check_refused("[1e999]", code::JSON_NUMBER, (1, 6));
}

/// What can be read can be written, down to the last level; one level more is neither.
#[test]
fn reading_and_writing_agree_on_depth() {
    let nested = |levels: usize| format!("{}0{}", "[".repeat(levels), "]".repeat(levels));
    let deepest = nested(DEPTH_MAX);
    check(&deepest, &deepest);
    check_refused(&nested(DEPTH_MAX + 1), code::JSON_TOO_DEEP, (1, DEPTH_MAX + 1));
    check_refused(&"[".repeat(100_000), code::JSON_TOO_DEEP, (1, DEPTH_MAX + 1));
    check_refused(&"{\"a\":".repeat(100_000), code::JSON_TOO_DEEP, (1, 5 * DEPTH_MAX + 4));
    let mut value = json!(0);
    for _ in 0..=DEPTH_MAX {
        value = json!({ "a": value });
    }
    assert_eq!(to_string(&value).expect_err("too deep").code, code::JSON_TOO_DEEP);
}

proptest! {
    /// Reading back gives the value that was written.
    #[test]
    fn canonical_texts_round_trip(value in super::plan::value()) {
        let text = to_string(&value).expect("canonical");
        prop_assert_eq!(&parse(&text).expect("JSON"), &value);
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        prop_assert_eq!(to_string(&parse(&pretty).expect("JSON")).expect("canonical"), text);
    }

    /// Agrees with the crate that knows the whole of RFC 8785, on what both write.
    #[test]
    fn canonical_texts_are_those_of_another_writer(value in super::plan::value(), key: String, text: String) {
        let value = json!({ key: [value, text] });
        let theirs = serde_json_canonicalizer::to_string(&value).expect("canonical");
        prop_assert_eq!(to_string(&value).expect("canonical"), theirs);
    }

    /// Agrees with serde_json on what is JSON at all, up to the stricter rules.
    #[test]
    fn what_is_refused_is_refused_for_a_reason(text in r#"[\[\]{}",:0-9a\\ eE.+-]{0,24}"#) {
        match (parse(&text), serde_json::from_str::<Value>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Err(fault), Ok(_)) => prop_assert_eq!(fault.code, code::JSON_DUPLICATE_KEY),
            (Ok(_), Err(error)) => prop_assert!(false, "{}: {}", text, error),
            (Err(_), Err(_)) => {}
        }
    }
}
