//! The same bytes as from `serde_json`, for every kind of value and every awkward text.

use super::*;
use serde::Serialize;
use std::collections::BTreeMap;

#[track_caller]
fn check<T: Serialize + ?Sized>(value: &T) {
    let mut ours = "before".to_owned();
    write(&mut ours, value);
    let theirs = serde_json::to_string(value).unwrap();
    assert_eq!(ours, format!("before{theirs}"));
}

#[test]
fn every_character_is_written_alike_wherever_it_stands() {
    let odd = (0..=0x7f).chain([0x80, 0xe9, 0x7ff, 0x2028, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x10_ffff]);
    for character in odd.filter_map(char::from_u32) {
        for before in 0..18 {
            for after in [0, 1, 7, 8, 9] {
                let text = format!("{}{character}{}", "a".repeat(before), "é".repeat(after));
                check(&text);
                check(&format!("{text}{text}"));
            }
        }
        check(&character);
    }
    check("");
}

#[test]
fn every_number_is_written_alike() {
    for shift in 0..64 {
        for beside in [-1_i64, 0, 1] {
            let number = (1_i64 << shift).wrapping_add(beside);
            check(&number);
            check(&number.cast_unsigned());
            check(&(number as i32));
            check(&(number as u32));
            check(&(number as i16));
            check(&(number as u16));
            check(&(number as i8));
            check(&(number as u8));
        }
    }
    check(&[i64::MIN, i64::MAX, 0]);
}

#[derive(Serialize)]
struct All<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    none: Option<u8>,
    some: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
    yes: bool,
    unit: (),
    pair: (i64, Kind),
    list: Vec<Kind>,
    empty: Vec<u8>,
    map: BTreeMap<String, Vec<Kind>>,
    newtype: Newtype,
    tuple: Tuple,
    nothing: Nothing,
    tagged: Vec<Tagged>,
}

#[derive(Serialize)]
struct Newtype(u64);
#[derive(Serialize)]
struct Tuple(u64, String);
#[derive(Serialize)]
struct Nothing;
#[derive(Serialize)]
struct Braces {}

#[derive(Clone, Serialize)]
enum Kind {
    Unit,
    Newtype(u8),
    Tuple(u8, bool),
    Struct { a: u8, b: Option<bool> },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged {
    First { reason: &'static str },
    Second {},
}

#[test]
fn every_shape_is_written_alike() {
    let kinds = vec![Kind::Unit, Kind::Newtype(7), Kind::Tuple(1, true), Kind::Struct { a: 0, b: None }];
    let key = |name: &str| (name.to_owned(), kinds.clone());
    check(&All {
        kind: "a\"b",
        none: None,
        some: Some("¿qué?"),
        skipped: None,
        yes: true,
        unit: (),
        pair: (-1, Kind::Unit),
        list: kinds.clone(),
        empty: Vec::new(),
        map: BTreeMap::from([key("x"), key("y\n")]),
        newtype: Newtype(u64::MAX),
        tuple: Tuple(0, "z".into()),
        nothing: Nothing,
        tagged: vec![Tagged::First { reason: "other" }, Tagged::Second {}],
    });
    check(&Braces {});
    check::<[u8]>(&[]);
    check(&BTreeMap::<String, u8>::new());
}
