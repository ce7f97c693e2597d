//! What an import tells: plans, files of refused rows, mappings that cannot be used.

use registry::import::{self, Action, Kind, Mapping, Options};

use super::{Case, PAGES, repeats::twice};
use crate::suite::harness::TestApp;

const HEADER: &str = "Owner,Address,Platform,Title,Language\n";

#[tokio::test]
async fn a_plan_lists_changes_of_territories_field_by_field() {
    let app = TestApp::start().await;
    let mapping =
        "[territory]\ncode = \"c\"\nkind = \"k\"\nname = \"n\"\nparent = \"p\"\npopulation = \"people\"\n";
    let case = Case::new("t.csv", "c,k,n,p,people\nxx,COUNTRY,Land,,10\nxx-1,REGION,One,xx,5\n", mapping);
    case.run(&app, Kind::Territories).await;
    case.rewrite("c,k,n,p,people\nxx,COUNTRY,Land,,11\nxx-1,REGION,Eins,,5\nxx-2,REGION,Two,xx,1\n");
    let options = Options { dry_run: true, ..case.options(Kind::Territories) };
    let plan = import::run(&app.registry, &options, |_| {}).await.expect("a dry run").plan.expect("a plan");
    let fields = |action| plan.of(action).flat_map(|step| step.fields.clone()).collect::<Vec<_>>();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(fields(Action::Rename), [("name", some("One"), some("Eins"))]);
    assert_eq!(fields(Action::Change), [("population", some("10"), some("11"))]);
    assert_eq!(plan.by_kind(Action::Create).map(<[_]>::len).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn nearly_equal_names_are_reported_where_one_has_no_territory() {
    let app = TestApp::start().await;
    let mapping =
        "[organization]\nname = \"n\"\nterritory = \"t\"\n[organization.identifiers]\n\"ru:ogrn\" = \"o\"\n";
    let case = Case::new("o.csv", "n,t,o\nГородская библиотека,ru-28,1027739019142\n", mapping);
    case.run(&app, Kind::Organizations).await;
    for (territory, expected) in [("", 1), ("ru-28", 1), ("ru-25", 0)] {
        case.rewrite(format!("n,t,o\nБиблиотека городская,{territory},\n"));
        let options = Options { dry_run: true, ..case.options(Kind::Organizations) };
        let report = import::run(&app.registry, &options, |_| {}).await.expect("a dry run");
        assert_eq!(report.plan.expect("a plan").near_names.len(), expected, "{territory}");
    }
}

#[tokio::test]
async fn a_file_of_refused_rows_is_imported_with_the_mapping_of_the_whole() {
    let rows = "A|vk.com/rep_one|vk|One|\nB|vk.com/rep_two|facebook|Two|\n";
    for (content, rules) in [
        (format!("sep=|\n{}{rows}", HEADER.replace(',', "|")), ""),
        (format!("A title\n\n{}{rows}", HEADER.replace(',', "|")), "skip_rows = 2\ndelimiter = \"|\"\n"),
        (
            rows.to_owned(),
            "delimiter = \"|\"\ncolumns = [\"Owner\", \"Address\", \"Platform\", \"Title\", \"Language\"]\n",
        ),
        (
            format!("A title\n{}{rows}", HEADER.replace(',', "|")).replace('|', ","),
            "skip_rows = 1\nencoding = \"windows-1251\"\n",
        ),
    ] {
        let app = TestApp::start().await;
        let case = Case::new("p.csv", content, &format!("[file]\n{rules}{PAGES}"));
        twice(&app, &case, Kind::Pages).await;
        let errors = std::fs::read_to_string(case.path("errors.csv")).expect("the error file");
        assert_eq!(errors.matches("PLATFORM_MISMATCH").count(), 1, "{errors}");
        case.rewrite(errors.replace("facebook", "vk"));
        let report = case.run(&app, Kind::Pages).await;
        assert_eq!((report.counts.rows, report.counts.pages.created), (1, 1), "{rules}: {:?}", case.codes());
    }
}

#[tokio::test]
async fn a_held_import_reports_its_rows_as_well() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", format!("{HEADER}A,vk.com/rep_one,vk,,\nA,vk.com/rep_two,vk,,\n"), PAGES);
    case.run(&app, Kind::Pages).await;
    case.rewrite(format!("{HEADER}B,vk.com/id5,vk,,\n"));
    let options = Options { full: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("it is held");
    assert!(report.held.is_some());
    assert_eq!((report.counts.refused, case.codes()), (1, vec!["PERSON_PROFILE".to_owned()]));
}

#[tokio::test]
async fn no_file_but_an_import_s_own_is_written_over() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", format!("{HEADER}A,vk.com/id5,vk,,\n"), PAGES);
    for name in ["p.csv", "map.toml"] {
        let before = std::fs::read(case.path(name)).expect("the file");
        let options = Options { error_file: case.path(name), ..case.options(Kind::Pages) };
        let failed =
            import::run(&app.registry, &options, |_| {}).await.expect_err("it is refused").to_string();
        assert!(failed.contains("was not written by an import"), "{failed}");
        assert_eq!(std::fs::read(case.path(name)).expect("the file"), before);
    }
    let other = Options { file: case.path("."), ..case.options(Kind::Pages) };
    let failed = import::run(&app.registry, &other, |_| {}).await.expect_err("it is refused").to_string();
    assert!(failed.contains("not a regular file"), "{failed}");
    for source in ["", " a", "a#1", "a;b", "a\nb", &"a".repeat(101)] {
        let options = Options { source: source.into(), ..case.options(Kind::Pages) };
        let failed =
            import::run(&app.registry, &options, |_| {}).await.expect_err("it is refused").to_string();
        assert!(failed.contains("not a valid source name"), "{failed}");
    }
    twice(&app, &case, Kind::Pages).await;
}

#[tokio::test]
async fn errors_of_a_mapping_have_place_and_reason() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", HEADER, PAGES);
    for (mapping, expected) in [
        ("[organization]\nname = { colum = \"Owner\" }\n", "line 2: unknown key `colum`"),
        ("[organization]\nname = 5\n", "write a column's name, a list of values, or a rule"),
        ("[organization]\nname = { default = \"x\" }\n", "a rule needs `column`, `template` or `constant`"),
        ("[organization]\nname = { column = \"Owner\", pattern = \"(\" }\n", "regex parse error"),
        ("max_removals = true\n", "expected a share such as \"5%\""),
    ] {
        std::fs::write(case.path("wrong.toml"), mapping).expect("the mapping is written");
        let failed = format!("{:#}", Mapping::read(&case.path("wrong.toml")).expect_err("it is no mapping"));
        assert!(failed.contains(expected), "{failed}");
    }
    for (mapping, expected) in [
        (
            "kind = { constant = \"AUTHORTY\" }\n",
            "the mapping's constant `AUTHORTY` is not a valid kind; the values are `AUTHORITY`, `INSTITUTION`",
        ),
        (
            "territory = \"Title\"\nterritory_scheme = \"ru:okatoo\"\n",
            "the scheme `ru:okatoo` of territory_scheme",
        ),
    ] {
        let mapping = format!("[organization]\nname = \"Owner\"\n{mapping}[[pages]]\nurl = \"Address\"\n");
        let failed = Case::new("p.csv", HEADER, &mapping).failure(&app, Kind::Pages).await;
        assert!(failed.contains(expected), "{failed}");
    }
}
