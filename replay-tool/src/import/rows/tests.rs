//! Rows and cells of files as they come, also broken ones.

use super::*;
use proptest::prelude::*;

const CSV: Shape = Shape::Csv { delimiter: b',' };

fn rows(text: &[u8]) -> Vec<RawRow> {
    read(text, CSV, false)
}

fn read(text: &[u8], shape: Shape, cut_off: bool) -> Vec<RawRow> {
    let mut rows = Rows::new(text, shape, cut_off);
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

fn cells(row: &str) -> Vec<String> {
    let mut cells = Cells::default();
    cells.split(row, b',').unwrap();
    cells.iter().map(str::to_owned).collect()
}

fn texts(rows: &[RawRow]) -> Vec<(u64, &str)> {
    rows.iter().map(|row| (row.line, std::str::from_utf8(&row.bytes).unwrap())).collect()
}

#[test]
fn a_row_knows_its_line_also_after_line_ends_inside_cells() {
    let rows = rows(b"a,b\r\n1,\"x\ny\n\"\n\n2,z");
    assert_eq!(texts(&rows), [(1, "a,b"), (2, "1,\"x\ny\n\""), (6, "2,z")]);
    assert!(rows.iter().all(|row| row.problem.is_none()));
    assert_eq!(cells("1,\"x\ny\n\""), ["1", "x\ny\n"]);
}

#[test]
fn a_quote_that_is_not_closed_costs_one_row() {
    let rows = rows(b"a,\"b\n1,2\n3,4\n");
    assert_eq!(texts(&rows), [(1, "a,\"b"), (2, "1,2"), (3, "3,4")]);
    assert_eq!(rows[0].problem, Some(Problem::OpenQuote));
    assert_eq!((&rows[1].problem, &rows[2].problem), (&None, &None));
}

#[test]
fn quotes_are_quotes_only_at_the_beginning_of_a_cell() {
    assert_eq!(cells(r#"5" disk,"say ""hi""","""#), ["5\" disk", "say \"hi\"", ""]);
    assert_eq!(cells(r#""",",""#), ["", ","]);
    assert_eq!(cells(",,"), ["", "", ""]);
    assert_eq!(Cells::default().split(r#""a"b,c"#, b','), Err(Problem::TextAfterQuote));
    let open = |row: &[u8]| Quotes::default().are_open_after(row, b',');
    assert!(!open(br#"5" disk,b"#) && open(b"a,\"b\"\"\n") && !open(b"a,\"b\"\"\"\n"));
}

#[test]
fn a_row_in_another_encoding_is_told_with_the_byte_and_its_place() {
    let rows = rows(b"a,b\nFacturaci\xf3n,1\nc,d\n");
    assert_eq!(rows[1].problem, Some(Problem::Encoding { byte: 0xf3, place: 10 }));
    assert_eq!(rows[1].bytes, b"Facturaci\xf3n,1");
    assert_eq!(rows[2].problem, None);
}

#[test]
fn a_row_that_is_too_long_costs_one_row() {
    let mut text = vec![b'x'; 3 * ROW_BYTES_MAX];
    text.extend_from_slice(b"\n1,2\n");
    let rows = rows(&text);
    assert_eq!(rows[0].problem, Some(Problem::RowTooLong));
    assert_eq!(rows[0].bytes.len(), ROW_BYTES_MAX);
    assert_eq!(texts(&rows)[1], (2, "1,2"));
}

#[test]
fn a_quoted_cell_that_grows_too_long_gives_its_lines_back() {
    let mut text = b"1,\"open\n".to_vec();
    let lines = 2 * ROW_BYTES_MAX / 4;
    text.extend(b"a,b\n".iter().copied().cycle().take(4 * lines));
    let rows = rows(&text);
    assert_eq!(rows[0].problem, Some(Problem::OpenQuote));
    assert_eq!(rows.len(), 1 + lines);
    assert_eq!(rows.last().unwrap().line, 1 + lines as u64);
}

#[test]
fn the_last_row_of_a_file_that_breaks_off_is_not_taken() {
    let rows = read(b"a,b\n1,2\n3,", CSV, true);
    assert_eq!(rows[2].problem, Some(Problem::CutOff));
    assert_eq!(rows[1].problem, None);
    assert_eq!(read(b"a,b\n1,2\n", CSV, true)[1].problem, None, "it breaks off between rows");
}

#[test]
fn lines_are_rows_whatever_quotes_they_hold() {
    let rows = read(b"{\"a\":1}\n{\"b\n", Shape::Lines, false);
    assert_eq!(texts(&rows), [(1, "{\"a\":1}"), (2, "{\"b")]);
}

proptest! {
    #[test]
    fn what_a_csv_writer_wrote_is_read_back(
        table in prop::collection::vec(prop::collection::vec("[a\",;\r\n é]{0,6}", 3), 1..8)
    ) {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let mut cells = Cells::default();
        let mut read_back = Vec::new();
        for row in rows(&text) {
            prop_assert_eq!(&row.problem, &None);
            cells.split(std::str::from_utf8(&row.bytes).unwrap(), b',').unwrap();
            read_back.push(cells.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        prop_assert_eq!(read_back, table);
    }

    #[test]
    fn no_bytes_make_it_panic_and_none_are_lost(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let kept: usize = rows(&bytes).iter().map(|row| row.bytes.len()).sum();
        let line_ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        prop_assert!(kept <= bytes.len() && kept + line_ends >= bytes.len());
        for row in rows(&bytes) {
            let _ = Cells::default().split(&String::from_utf8_lossy(&row.bytes), b',');
        }
    }
}
