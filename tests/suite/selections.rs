//! Shape of responses: random documents against the rules of field collection (GraphQL specification, 6.3.2 and 6.4.3).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use rand::{Rng, seq::IndexedRandom};
use serde_json::{Map, Value, json};

use super::harness::{
    TestApp,
    churn::{Random, random},
};

/// Random documents that are tried.
const DOCUMENTS: u64 = 400;
/// Most levels of fields and fragments below a root field.
const MAX_DEPTH: usize = 5;
/// Key of the type's name in the response that shows everything.
const TYPE: &str = "zType";

const TYPES: &str =
    "{ __schema { types { name kind possibleTypes { name } fields { name args { defaultValue type { kind } }
    type { ...T ofType { ...T ofType { ...T ofType { ...T } } } } } } } } fragment T on __Type { kind name }";

/// Root fields with arguments.
const WITH_ARGUMENTS: [&str; 5] = [
    "pages(first: 2)",
    "page(url: \"vk.com/gorod\")",
    "verifyPage(url: \"vk.com/gorod\")",
    "search(text: \"gorod\")",
    "authority(code: \"o\")",
];

/// Fields that need no argument, each with the type of its value, and the object types that a type stands for.
#[derive(Default)]
struct Type {
    fields: Vec<(String, String)>,
    possible: BTreeSet<String>,
}

type Types = BTreeMap<String, Type>;

async fn types(app: &TestApp) -> Types {
    let schema = app.data(TYPES, json!({})).await;
    let all = schema["__schema"]["types"].as_array().expect("types").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let is_composite =
        |it: &&Value| ["OBJECT", "INTERFACE", "UNION"].contains(&it["kind"].as_str().unwrap_or(""));
    let types = all.filter(is_composite).map(|it| {
        let fields = it["fields"].as_array().into_iter().flatten().filter_map(|field| {
            let name = text(&field["name"]);
            let with = WITH_ARGUMENTS
                .iter()
                .find(|with| it["name"] == "Query" && with.split('(').next() == Some(&name));
            let arguments = field["args"].as_array().expect("arguments");
            let needs_none = |it: &Value| it["type"]["kind"] != "NON_NULL" || !it["defaultValue"].is_null();
            let name =
                with.map(|with| (*with).to_owned()).or(arguments.iter().all(needs_none).then_some(name))?;
            Some((name, innermost(&field["type"])))
        });
        let possible = it["possibleTypes"].as_array().into_iter().flatten().map(|it| text(&it["name"]));
        let possible = possible.chain((it["kind"] == "OBJECT").then(|| text(&it["name"]))).collect();
        (text(&it["name"]), Type { fields: fields.collect(), possible })
    });
    types.collect()
}

fn innermost(of: &Value) -> String {
    of["name"].as_str().map_or_else(|| innermost(&of["ofType"]), str::to_owned)
}

/// `@skip` or `@include` as written, and whether it selects.
type Condition = (&'static str, bool);

const CONDITIONS: [Condition; 11] = [
    (" @skip(if: true)", false),
    (" @include(if: false)", false),
    (" @include(if: true)", true),
    (" @skip(if: true) @include(if: true)", false),
    (" @skip(if: $a)", false),
    (" @include(if: $a)", true),
    (" @skip(if: $b)", true),
    (" @include(if: $b)", false),
    (" @skip(if: $c)", true),
    (" @include(if: $d) @skip(if: $c)", true),
    (" @skip(if: $d)", false),
];

/// Variables of conditions. The first two have no value, so that their defaults apply.
const VARIABLES: [&str; 4] =
    ["$a: Boolean! = true", "$b: Boolean = false", "$c: Boolean! = true", "$d: Boolean!"];

/// Values that are sent.
fn values() -> Value {
    json!({ "c": false, "d": true })
}

/// A selection of a random document.
enum Selection {
    Field { key: String, field: String, condition: Condition, below: Vec<Selection> },
    Fragment { on: Option<String>, condition: Condition, is_named: bool, below: Vec<Selection> },
}

struct Generator<'a> {
    types: &'a Types,
    random: Random,
}

impl Generator<'_> {
    fn selections(&mut self, on: &str, depth: usize) -> Vec<Selection> {
        (0..self.random.random_range(1..4)).map(|_| self.selection(on, depth)).collect()
    }

    fn selection(&mut self, on: &str, depth: usize) -> Selection {
        let condition = CONDITIONS.choose(&mut self.random).copied();
        let condition = condition.filter(|_| self.random.random_bool(0.5)).unwrap_or(("", true));
        if depth > 0 && self.random.random_bool(0.3) {
            let (its, types) = (&self.types[on].possible, self.types);
            let fitting: Vec<_> =
                types.iter().filter(|(_, other)| !other.possible.is_disjoint(its)).collect();
            let on_other = fitting.choose(&mut self.random).filter(|_| self.random.random_bool(0.8));
            let on_other = on_other.map(|(name, _)| (*name).clone());
            let below = self.selections(on_other.as_deref().unwrap_or(on), depth - 1);
            let is_named = on_other.is_some() && self.random.random_bool(0.5);
            return Selection::Fragment { on: on_other, condition, is_named, below };
        }
        let fields = self.types[on].fields.iter();
        let fitting: Vec<_> = fields.filter(|(_, of)| depth > 0 || !self.types.contains_key(of)).collect();
        let Some((field, of)) = fitting.choose(&mut self.random).filter(|_| self.random.random_bool(0.9))
        else {
            return Selection::Field {
                key: TYPE.into(),
                field: "__typename".into(),
                condition,
                below: Vec::new(),
            };
        };
        // With the type in its key, a field never conflicts with one of another type.
        let again = if self.random.random_bool(0.2) { "Again" } else { "" };
        let key = format!("{}{again}{on}", field.split('(').next().unwrap_or_default());
        let is_composite = self.types.contains_key(of);
        let below = if is_composite { self.selections(of, depth - 1) } else { Vec::new() };
        Selection::Field { key, field: field.clone(), condition, below }
    }
}

/// Writes selections as they are; named fragments are written to `fragments`.
fn write(selections: &[Selection], fragments: &mut Vec<String>) -> String {
    let mut text = String::from("{");
    for selection in selections {
        let _ = match selection {
            Selection::Field { key, field, condition, below } => {
                let below = if below.is_empty() { String::new() } else { write(below, fragments) };
                let alias = if key == field { String::new() } else { format!("{key}: ") };
                write!(text, " {alias}{field}{} {below}", condition.0)
            }
            Selection::Fragment { on: Some(on), condition, is_named: true, below } => {
                let below = write(below, fragments);
                let name = format!("F{}", fragments.len());
                fragments.push(format!("fragment {name} on {on} {below}"));
                write!(text, " ...{name}{}", condition.0)
            }
            Selection::Fragment { on, condition, below, .. } => {
                let on = on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
                write!(text, " ...{on}{} {}", condition.0, write(below, fragments))
            }
        };
    }
    text + " }"
}

/// A query with the declarations of the variables that it uses.
fn query(selections: &str, fragments: &[String]) -> String {
    let text = format!("{selections} {}", fragments.join(" "));
    let used = VARIABLES.into_iter().filter(|declaration| text.contains(&declaration[..2]));
    let declarations = used.collect::<Vec<_>>().join(", ");
    if declarations.is_empty() { format!("query {text}") } else { format!("query({declarations}) {text}") }
}

/// The same selections without conditions, and with the name of the type in each set.
fn write_all(selections: &[Selection]) -> String {
    let mut text = format!("{{ {TYPE}: __typename");
    for selection in selections {
        let _ = match selection {
            Selection::Field { key, field, below, .. } => {
                let below = if below.is_empty() { String::new() } else { write_all(below) };
                let alias = if key == field { String::new() } else { format!("{key}: ") };
                write!(text, " {alias}{field} {below}")
            }
            Selection::Fragment { on, below, .. } => {
                let on = on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
                write!(text, " ...{on} {}", write_all(below))
            }
        };
    }
    text + " }"
}

/// What the selections give of a value of the response that shows everything.
fn expected(types: &Types, selections: &[&[Selection]], value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| expected(types, selections, item)).collect(),
        Value::Object(fields) if fields.contains_key(TYPE) => {
            let mut found: BTreeMap<&str, Vec<&[Selection]>> = BTreeMap::new();
            let on = fields[TYPE].as_str().expect("a name");
            selections.iter().for_each(|selections| collect(types, selections, on, &mut found));
            let values = found.into_iter().map(|(key, below)| {
                (
                    key.to_owned(),
                    expected(
                        types,
                        &below,
                        fields.get(key).unwrap_or_else(|| panic!("{key} of {on} in {fields:?}")),
                    ),
                )
            });
            Value::Object(values.collect::<Map<_, _>>())
        }
        value => shape(value),
    }
}

/// A response with its times and counts, which may differ between two requests, replaced.
fn shape(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::String(text) if text.contains(|c: char| c.is_ascii_digit()) => json!("…"),
        Value::Number(_) => json!(0),
        value => value.clone(),
    }
}

fn collect<'a>(
    types: &Types,
    selections: &'a [Selection],
    on: &str,
    found: &mut BTreeMap<&'a str, Vec<&'a [Selection]>>,
) {
    for selection in selections {
        match selection {
            Selection::Field { key, condition: (_, true), below, .. } => {
                found.entry(key).or_default().push(below)
            }
            Selection::Fragment { on: condition, condition: (_, true), below, .. }
                if condition.as_ref().is_none_or(|it| types[it].possible.contains(on)) =>
            {
                collect(types, below, on, found);
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn random_documents_have_the_shape_that_the_specification_gives_them() {
    let limits = Limits {
        cost: u64::MAX,
        points: u64::MAX,
        depth: 40,
        aliases: 1_000,
        tokens: 20_000,
        fragments: 500,
        directives: 500,
        root_fields: 100,
        ..Limits::public()
    };
    let client_tiers = ClientTiers { public: limits, ..ClientTiers::default() };
    let app = TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod").await;
    app.search_is_ready().await;
    let types = types(&app).await;
    let (mut empty, mut on_unions) = (0, 0);
    for seed in 0..DOCUMENTS {
        let selections = Generator { types: &types, random: random(seed) }.selections("Query", MAX_DEPTH);
        let mut fragments = Vec::new();
        let written = write(&selections, &mut fragments);
        let document = query(&written, &fragments);
        let all = app.data(&write_all(&selections), json!({})).await;
        let answer = app.data(&document, values()).await;
        assert_eq!(shape(&answer), expected(&types, &[&selections], &all), "{document}");
        empty += answer.to_string().matches("{}").count();
        on_unions += document.matches(" on SearchItem").count();
    }
    assert!(empty > 0 && on_unions > 0, "{empty} objects are empty, {on_unions} fragments are on a union");
}
