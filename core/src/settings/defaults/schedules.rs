//! The schedules that Docket ships with: one that is always open, and two offices as examples.
//!
//! Holidays: Spain's national ones (Real Decreto 2001/1983, article 45) without those that fall on a Sunday, and the
//! federal ones of the United States on the days on which offices keep them (5 U.S.C. 6103).

use super::{ALWAYS, label, slug};
use crate::names::{Slug, TzdataVersion, ZoneName};
use crate::settings::schedule::{Holiday, LocalDate, Schedule, Shift, Weekday};

/// The release that the shipped zones were checked with. It does not follow the one in use.
const TZDATA: &str = "2025b";

const WORKING_DAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// All of them.
pub(in crate::settings) fn all() -> Vec<(Slug, Schedule)> {
    vec![
        (
            slug(ALWAYS),
            schedule("Always open", "Siempre abierto", "UTC", every_day(&Weekday::ALL, &[(0, 24)])),
        ),
        (
            slug("madrid-office"),
            Schedule {
                holidays: SPAIN.iter().map(holiday).collect(),
                // Morning and afternoon.
                ..schedule(
                    "Office in Madrid",
                    "Oficina de Madrid",
                    "Europe/Madrid",
                    every_day(&WORKING_DAYS, &[(9, 14), (16, 19)]),
                )
            },
        ),
        (
            slug("new-york-office"),
            Schedule {
                holidays: UNITED_STATES.iter().map(holiday).collect(),
                ..schedule(
                    "Office in New York",
                    "Oficina de Nueva York",
                    "America/New_York",
                    every_day(&WORKING_DAYS, &[(9, 17)]),
                )
            },
        ),
    ]
}

fn schedule(en: &str, es: &str, zone: &str, shifts: Vec<Shift>) -> Schedule {
    Schedule {
        label: label(en, es),
        zone: ZoneName::new(zone).expect("the name of a zone is short"),
        tzdata: Some(TzdataVersion::new(TZDATA).expect("a release has a short name")),
        shifts,
        holidays: Vec::new(),
    }
}

/// The same hours on each of the days.
fn every_day(days: &[Weekday], hours: &[(u32, u32)]) -> Vec<Shift> {
    let of = |day: &Weekday| {
        let shift = |(opens, closes): &(u32, u32)| (*day, opens * 60, closes * 60);
        hours.iter().map(shift).collect::<Vec<_>>()
    };
    let shift = |(day, opens_min, closes_min)| Shift { day, opens_min, closes_min };
    days.iter().flat_map(of).map(shift).collect()
}

type Named = ((i32, u32, u32), &'static str, &'static str);

fn holiday(((year, month, day), en, es): &Named) -> Holiday {
    let date = LocalDate::new(*year, *month, *day).expect("the days listed here exist");
    Holiday { date, label: label(en, es) }
}

const SPAIN: &[Named] = &[
    ((2026, 1, 1), "New Year’s Day", "Año Nuevo"),
    ((2026, 1, 6), "Epiphany", "Epifanía del Señor"),
    ((2026, 4, 3), "Good Friday", "Viernes Santo"),
    ((2026, 5, 1), "Labour Day", "Fiesta del Trabajo"),
    ((2026, 8, 15), "Assumption", "Asunción de la Virgen"),
    ((2026, 10, 12), "National Day", "Fiesta Nacional de España"),
    ((2026, 12, 8), "Immaculate Conception", "Inmaculada Concepción"),
    ((2026, 12, 25), "Christmas Day", "Natividad del Señor"),
    ((2027, 1, 1), "New Year’s Day", "Año Nuevo"),
    ((2027, 1, 6), "Epiphany", "Epifanía del Señor"),
    ((2027, 3, 26), "Good Friday", "Viernes Santo"),
    ((2027, 5, 1), "Labour Day", "Fiesta del Trabajo"),
    ((2027, 10, 12), "National Day", "Fiesta Nacional de España"),
    ((2027, 11, 1), "All Saints’ Day", "Todos los Santos"),
    ((2027, 12, 6), "Constitution Day", "Día de la Constitución Española"),
    ((2027, 12, 8), "Immaculate Conception", "Inmaculada Concepción"),
    ((2027, 12, 25), "Christmas Day", "Natividad del Señor"),
];

const UNITED_STATES: &[Named] = &[
    ((2026, 1, 1), "New Year’s Day", "Año Nuevo"),
    ((2026, 1, 19), "Birthday of Martin Luther King, Jr.", "Natalicio de Martin Luther King, Jr."),
    ((2026, 2, 16), "Washington’s Birthday", "Natalicio de Washington"),
    ((2026, 5, 25), "Memorial Day", "Día de los Caídos"),
    ((2026, 6, 19), "Juneteenth National Independence Day", "Día Nacional de la Independencia Juneteenth"),
    ((2026, 7, 3), "Independence Day (observed)", "Día de la Independencia (trasladado)"),
    ((2026, 9, 7), "Labor Day", "Día del Trabajo"),
    ((2026, 10, 12), "Columbus Day", "Día de Colón"),
    ((2026, 11, 11), "Veterans Day", "Día de los Veteranos"),
    ((2026, 11, 26), "Thanksgiving Day", "Día de Acción de Gracias"),
    ((2026, 12, 25), "Christmas Day", "Navidad"),
    ((2027, 1, 1), "New Year’s Day", "Año Nuevo"),
    ((2027, 1, 18), "Birthday of Martin Luther King, Jr.", "Natalicio de Martin Luther King, Jr."),
    ((2027, 2, 15), "Washington’s Birthday", "Natalicio de Washington"),
    ((2027, 5, 31), "Memorial Day", "Día de los Caídos"),
    (
        (2027, 6, 18),
        "Juneteenth National Independence Day (observed)",
        "Día Nacional de la Independencia Juneteenth (trasladado)",
    ),
    ((2027, 7, 5), "Independence Day (observed)", "Día de la Independencia (trasladado)"),
    ((2027, 9, 6), "Labor Day", "Día del Trabajo"),
    ((2027, 10, 11), "Columbus Day", "Día de Colón"),
    ((2027, 11, 11), "Veterans Day", "Día de los Veteranos"),
    ((2027, 11, 25), "Thanksgiving Day", "Día de Acción de Gracias"),
    ((2027, 12, 24), "Christmas Day (observed)", "Navidad (trasladada)"),
    ((2027, 12, 31), "New Year’s Day (observed)", "Año Nuevo (trasladado)"),
];
