//! The program in Spanish: whole sentences, the right forms of words, and the same JSON as in English.

use crate::support::{Place, Ran, TWO_TICKETS, plain};
use docket_core::store::data_dir::{DataDir, Holder};
use std::process::Command;

fn filled() -> Place {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    place
}

fn in_spanish(place: &Place, words: &[&str]) -> Ran {
    place.run(&[&["--lang", "es"], words].concat())
}

fn import(place: &Place, rows: &[&str]) -> Ran {
    let file = place.file("log.csv", plain(rows));
    in_spanish(place, &["import", "--mapping", "plain", file.to_str().unwrap()])
}

#[test]
fn an_import_of_one_row_and_of_more_is_told_in_the_right_form() {
    let place = Place::new();
    import(&place, &TWO_TICKETS[..1])
        .ends_with(0)
        .says("1 fila de ")
        .says("leída con el mapeo plain")
        .says("1 evento añadido; ya estaban en el registro: 0")
        .says("1 ticket nuevo, numerado del 1 al 1; el registro termina en la posición 1");
    import(&place, &TWO_TICKETS)
        .ends_with(0)
        .says("6 filas de ")
        .says("leídas con el mapeo plain")
        .says("5 eventos añadidos; ya estaban en el registro: 1")
        .says("1 ticket nuevo, numerado del 2 al 2; el registro termina en la posición 6");
    import(&place, &TWO_TICKETS[..1]).ends_with(0).says("ningún ticket nuevo");
}

#[test]
fn rejected_rows_are_told_in_spanish_and_kept_in_english() {
    let place = Place::new();
    let mut rows = TWO_TICKETS;
    rows[1] = "A,1,soon,assigned,ines,,ines,2";
    import(&place, &rows)
        .ends_with(1)
        .says("no se han podido importar 3 filas: con errores, 1; en espera de otra, 2")
        .says("  línea 3: at: no es una fecha de la forma 2016-02-29T09:20:00Z: \"soon\"")
        .says("espera a la línea 3, anterior en su caso, que no se ha podido importar")
        .says("corrija el archivo e impórtelo otra vez: solo se añade lo que falta");
    let report = place.data().join("import-rejects/log.csv.rejects.csv");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("\"at: not a time of the form"), "{report}");
    let row = "B,1,,agent_reply,ines,,5";
    import(&place, &[row])
        .says("no se ha podido importar 1 fila: con errores, 1; en espera de otra, 0")
        .says("7 celdas en vez de 8");
    import(&place, &["B,1,,agent_reply,ines,,,5"]).says("  línea 2: falta la fecha");
}

#[test]
fn a_log_is_told_as_sound_or_as_damaged() {
    let place = filled();
    in_spanish(&place, &["verify"])
        .ends_with(0)
        .says("6 eventos en 2 flujos, ")
        .says("bytes: no falta ninguno y cada uno está como se guardó")
        .says("esta versión puede leer todos los eventos");
    let path = place.data().join("log.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let text = b"\"type\":\"resolved\"";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
    in_spanish(&place, &["verify"])
        .ends_with(1)
        .says("posición 4: el hash del evento no es el que está guardado")
        .says("el registro está dañado ahí y lo que sigue no se ha comprobado; no se ha cambiado nada")
        .says("restaure una copia de seguridad o una exportación en otro directorio");
    in_spanish(&place, &["export"])
        .ends_with(4)
        .says("el registro está dañado en la posición 4: el hash del evento no es el que está guardado")
        .says("no se ha cambiado nada; `docket-replay verify` dice más");
}

#[test]
fn a_directory_that_cannot_be_used_is_told_with_what_to_do() {
    let empty = Place::new();
    in_spanish(&empty, &["stats"]).ends_with(3).says(
        "no contiene ningún registro de Docket; indique el directorio de un servidor, o importe antes en él",
    );
    let place = filled();
    let mut lock = DataDir::at(place.data()).lock("docket-server").unwrap();
    let address = Some("127.0.0.1:7333".to_owned());
    lock.announce(&Holder { program: "docket-server".into(), pid: 4711, address }).unwrap();
    let in_use = "está en uso por docket-server (proceso 4711, escucha en 127.0.0.1:7333)";
    let stop = "deténgalo, ejecute esta orden y vuelva a iniciarlo";
    in_spanish(&place, &["rebuild"]).ends_with(3).says(in_use).says(stop);
    import(&place, &TWO_TICKETS)
        .ends_with(3)
        .says(in_use)
        .says("indique con --token-file o DOCKET_TOKEN un token");
}

#[test]
fn read_models_are_told_with_what_came_of_them() {
    let place = filled();
    in_spanish(&place, &["rebuild", "--check"])
        .ends_with(0)
        .says("queue      falta       posición 6, resumen ");
    in_spanish(&place, &["rebuild"]).ends_with(0).says("queue      sustituido  posición 6, resumen ");
    in_spanish(&place, &["rebuild", "--check"])
        .ends_with(0)
        .says("queue      igual       posición 6, resumen ");
    in_spanish(&place, &["rebuild", "moods"])
        .ends_with(2)
        .says("no existe el modelo de lectura \"moods\"; los que hay son queue");
}

#[test]
fn a_ticket_and_its_history_are_told() {
    let place = filled();
    in_spanish(&place, &["history", "1"])
        .ends_with(0)
        .says("ticket 1, A en plain (registro hasta la posición 6)")
        .says("asignado a ines")
        .says("reabierto, ciclo 2: causa desconocida");
    in_spanish(&place, &["state", "1"])
        .ends_with(0)
        .says("  momento        posición 6, evaluado el ")
        .says("  último cambio ");
    in_spanish(&place, &["state"]).ends_with(0).says("Estado en la posición 6").says("vencidos");
    in_spanish(&place, &["stats"]).ends_with(0).says("6 eventos sobre 2 tickets en 2 flujos");
    in_spanish(&place, &["report", "sla"]).ends_with(0).says("respondidos a tiempo");
    in_spanish(&place, &["report", "metrics"]).ends_with(0).says("primera resolución").says("1,00");
}

#[test]
fn a_mistake_on_the_command_line_is_told_in_the_language_it_asks_for() {
    let place = Place::new();
    in_spanish(&place, &["impor"])
        .ends_with(2)
        .says("error: no existe la orden 'impor'")
        .says("sugerencia: ")
        .says("Uso: docket-replay [OPCIONES] <ORDEN>");
    in_spanish(&place, &["import", "--help"]).ends_with(0).says("Códigos de salida:");
    place.run(&["stats", "--lang", "fr"]).ends_with(2).says("[possible values: en, es]");
}

#[test]
fn the_program_itself_speaks_the_language_of_its_environment() {
    let place = Place::new();
    let notes = |set: &[(&str, &str)], words: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_docket-replay"));
        let program = program.env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANG");
        let program =
            program.envs(set.iter().copied()).arg("stats").args(words).arg("--data").arg(place.data());
        String::from_utf8(program.output().unwrap().stderr).unwrap()
    };
    assert!(notes(&[("LANG", "es_CO.UTF-8")], &[]).contains("no contiene ningún registro"));
    assert!(notes(&[("LANG", "es_CO.UTF-8")], &["--lang", "en"]).contains("holds no Docket log"));
    assert!(notes(&[("LC_ALL", "C"), ("LANG", "es")], &[]).contains("holds no Docket log"));
    assert!(notes(&[], &[]).contains("holds no Docket log"));
}

#[test]
fn a_mapping_that_is_wrong_is_told() {
    let place = Place::new();
    let log = place.file("log.csv", "ticket_id;seq;at\n");
    let log = log.to_str().unwrap();
    in_spanish(&place, &["import", "--mapping", "plain", log])
        .ends_with(2)
        .says("le falta lo que pide el mapeo plain: `ticket_id (columns.case)`, ")
        .says("; sus celdas parecen estar separadas por ';': use delimiter = ';'");
    in_spanish(&place, &["import", "--mapping", "jira", log])
        .ends_with(2)
        .says("los incluidos son plain y servicenow");
    in_spanish(&place, &["import", "--mapping", "plain", log, "--system", "A b"])
        .ends_with(2)
        .says("--system \"A b\" no debe contener 'A'; use a-z, 0-9 y -");
    in_spanish(&place, &["mappings"]).ends_with(0).says("El registro de auditoría de ServiceNow");
}

#[test]
fn json_is_the_same_to_the_byte_in_every_language() {
    let place = filled();
    let log = place.file("broken.csv", plain(&["A,9,2026-01-05T09:00:00Z,created,ana,,new,1", "x"]));
    let log = log.to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["import", "--mapping", "plain", log],
        &["import", "--mapping", "jira", log],
        &["mappings"],
        &["verify"],
        &["stats"],
        &["history", "1"],
        &["history", "7"],
        &["state"],
        &["state", "1", "--at", "99"],
        &["report", "metrics"],
        &["report", "sla"],
        &["report", "reference"],
        &["export"],
        &["rebuild", "--check"],
        &["rebuild", "moods"],
    ];
    for words in commands {
        let said = ["en", "es"].map(|language| {
            let ran = place.run(&[words, &["--json", "--lang", language][..]].concat());
            (ran.code, ran.text, ran.notes)
        });
        assert_eq!(said[0], said[1], "{words:?}");
        assert!(said[0].0 != 0 || !said[0].1.is_empty(), "{words:?}");
    }
    let csv =
        ["en", "es"].map(|language| place.run(&["report", "metrics", "--csv", "--lang", language]).text);
    assert_eq!(csv[0], csv[1]);
}
