//! What no registry can hold: texts without end, unseen characters, days that cannot be; and files that are not what
//! they seem.

use registry::import::Kind;
use serde_json::json;

use super::{Case, PAGES, pages, repeats::twice};
use crate::suite::harness::TestApp;

const HEADER: &str = "Owner,Address,Platform,Title,Language\n";

#[tokio::test]
async fn a_text_that_no_field_has_refuses_its_row_alone() {
    let app = TestApp::start().await;
    let long = "x".repeat(900_000);
    let file = format!(
        "{HEADER}A,vk.com/lim_one,vk,{long},\nB,vk.com/lim_two,vk,\u{0},\n{},vk.com/lim_three,vk,,\n\
         C\u{202e}D\u{ad},vk.com/lim_four,vk,\"Two\nlines\",\n",
        "y".repeat(1_001)
    );
    let case = Case::new("p.csv", file, PAGES);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.refused), (1, 3));
    assert_eq!(case.codes(), ["MALFORMED_ROW", "MALFORMED_ROW", "BAD_VALUE"]);
    let messages = case.column("errors.csv", "error_text");
    assert!(messages.iter().all(|text| text.len() < 200), "a row error does not repeat the text");
    let found = pages(&app).await;
    assert_eq!((&found[0]["owner"]["name"], &found[0]["title"]), (&json!("CD"), &json!("Two lines")));
}

#[tokio::test]
async fn what_no_column_of_the_mapping_reads_may_be_of_any_length() {
    let app = TestApp::start().await;
    let file = format!(
        "Owner,Address,Platform,Title,Language,Notes\nA,vk.com/lim_one,vk,,,{}\n",
        "z".repeat(50_000)
    );
    let case = Case::new("p.csv", file, PAGES);
    assert_eq!(case.run(&app, Kind::Pages).await.counts.pages.created, 1);
}

#[tokio::test]
async fn a_file_is_read_whole_in_one_encoding_or_not_at_all() {
    let app = TestApp::start().await;
    let ascii = format!("A,vk.com/lim_page,vk,{},\n", "x".repeat(900));
    let mut late = HEADER.as_bytes().to_vec();
    (0..1_200).for_each(|_| late.extend_from_slice(ascii.as_bytes()));
    late.extend_from_slice(&encoding_rs::WINDOWS_1251.encode("Тульский музей,vk.com/lim_late,vk,,\n").0);
    let case = Case::new("p.csv", late, PAGES);
    case.run(&app, Kind::Pages).await;
    let found = pages(&app).await;
    let late = found
        .as_array()
        .expect("pages")
        .iter()
        .find(|page| page["url"] == "https://vk.com/lim_late")
        .expect("the last page");
    assert_eq!(late["owner"]["name"], "Тульский музей");

    let mut mixed = format!("{HEADER}Тульский музей,vk.com/lim_utf8,vk,,\n").into_bytes();
    mixed.extend_from_slice(&encoding_rs::WINDOWS_1251.encode("Тульский музей,vk.com/lim_1251,vk,,\n").0);
    let french = encoding_rs::WINDOWS_1252
        .encode("Owner,Address,Platform,Title,Language\nVille,vk.com/a,vk,à Paris,\n");
    for (content, location) in [(mixed, "line 3: "), (french.0.into_owned(), "line 2: ")] {
        let failure = Case::new("p.csv", content, PAGES).failure(&app, Kind::Pages).await;
        assert!(
            failure.contains(location) && failure.contains("neither UTF-8 nor windows-1251"),
            "{failure}"
        );
    }
    let named = format!("[file]\nencoding = \"utf-8\"\n{PAGES}");
    let spoilt = [HEADER.as_bytes(), b"A,vk.com/a,vk,\xff,\n"].concat();
    let failure = Case::new("p.csv", spoilt, &named).failure(&app, Kind::Pages).await;
    assert!(failure.contains("line 2: the file is not UTF-8"), "{failure}");
}

#[tokio::test]
async fn lines_may_end_as_on_any_machine_and_letters_be_of_two_bytes() {
    let rows = format!("A title\n{HEADER}Музей,vk.com/lim_one,vk,,\nТеатр,vk.com/lim_two,vk,,\n");
    let long = format!("{rows}{}", format!("Цирк,vk.com/lim_three,vk,{},\n", "x".repeat(900)).repeat(1_200));
    let utf_16: Vec<u8> = format!("\u{feff}{rows}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mapping = format!("[file]\nskip_rows = 1\n{PAGES}");
    for (content, created) in [
        (rows.replace('\n', "\r").into_bytes(), 2),
        (rows.replace('\n', "\r\n").into_bytes(), 2),
        (long.replace('\n', "\r").into_bytes(), 3),
        (utf_16, 2),
    ] {
        let app = TestApp::start().await;
        let case = Case::new("p.csv", content, &mapping);
        assert_eq!(case.run(&app, Kind::Pages).await.counts.pages.created, created);
    }
}

#[tokio::test]
async fn the_order_in_which_lines_of_ndjson_bring_their_columns_means_nothing() {
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let one = "{\"n\":\"A\",\"u\":\"vk.com/lim_one\",\"x\":\"2\"}\n";
    let two = "{\"x\":\"1\",\"u\":\"vk.com/lim_one\",\"n\":\"B\"}\n";
    for file in [format!("{one}{two}"), format!("{two}{one}")] {
        let app = TestApp::start().await;
        let case = Case::new("p.ndjson", file, mapping);
        twice(&app, &case, Kind::Pages).await;
        assert_eq!(pages(&app).await[0]["owner"]["name"], "A");
    }
}

#[tokio::test]
async fn days_numbers_and_websites_that_cannot_be_are_refused_or_left_out() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nwebsite = \"w\"\nvalid_from = \"f\"\nvalid_to = \"t\"\n\
        [organization.identifiers]\n\"ru:kpp\" = \"k\"\n";
    let file = "c,n,w,f,t,k\n1,A,javascript:alert(1),2020-01-01,,\n2,B,mos.ru,0020-01-01,,\n3,C,,,,٧٧١٠٠١٠٠١\n4,D,,,2010-01-01,\n";
    let case = Case::new("o.csv", file, mapping);
    twice(&app, &case, Kind::Organizations).await;
    assert_eq!(case.codes(), ["BAD_VALUE", "BAD_IDENTIFIER"]);
    assert_eq!(case.warnings(), ["BAD_VALUE"; 2]);
    let website =
        |code: &str| app.registry.snapshot().organization_by_code(code).and_then(|it| it.website.clone());
    assert_eq!(website("1"), None);
    // A later file cannot end what began after it, nor begin what ended before.
    case.rewrite("c,n,w,f,t,k\n1,A,www.mos.ru,,2019-01-01,\n4,D,,2011-01-01,,\n");
    case.run(&app, Kind::Organizations).await;
    assert_eq!(case.codes(), ["BAD_VALUE"; 2]);
    case.rewrite("c,n,w,f,t,k\n1,A,www.mos.ru,,,\n");
    case.run(&app, Kind::Organizations).await;
    assert_eq!(website("1").as_deref(), Some("http://www.mos.ru"));
}

#[tokio::test]
async fn a_mapping_keeps_the_fields_that_it_names_and_no_others() {
    let app = TestApp::start().await;
    let mapping = |keep: &str| {
        format!(
            "[organization]\ncode = \"c\"\nname = \"n\"\nlevel = \"l\"\nsector = \"s\"\nvalid_from = \"f\"\nkeep = [{keep}]\n"
        )
    };
    let fields = "\"level\", \"sector\", \"valid_from\"";
    let case = Case::new("o.csv", "c,n,l,s,f\n1,A,FEDERAL,HEALTH,2001-01-01\n", &mapping(fields));
    case.run(&app, Kind::Organizations).await;
    case.rewrite("c,n,l,s,f\n1,B,REGIONAL,CULTURE,2002-02-02\n");
    case.run(&app, Kind::Organizations).await;
    let snapshot = app.registry.snapshot();
    let known = snapshot.organization_by_code("1").expect("the organization");
    assert_eq!((&*known.name, known.sector.as_deref()), ("B", Some("HEALTH")));
    assert_eq!(known.valid_from.map(|day| day.to_string()).as_deref(), Some("2001-01-01"));
    let case = Case::new("o.csv", "c,n,l,s,f\n", &mapping("\"levels\""));
    let failure = case.failure(&app, Kind::Organizations).await;
    assert!(failure.contains("unknown field `levels`") && failure.contains("level, branch"), "{failure}");
}
