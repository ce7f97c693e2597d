//! The start page: endpoints, counts and example queries.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use entities::organization::Kind;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use registry::{
    snapshot::Filter,
    task_monitor::TaskProgress,
    view::{View, Viewer},
};

use crate::app::App;

/// An example query with its link.
struct Example {
    title: &'static str,
    query: String,
    href: String,
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    seq: i64,
    authorities: u64,
    institutions: u64,
    pages: u64,
    platforms: usize,
    is_synthetic: bool,
    in_progress: Vec<TaskProgress>,
    examples: Vec<Example>,
}

/// Content security policy: no scripts, inline styles only.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// Words of the page's title in the example of a search.
const SEARCHED: usize = 3;

/// Renders the start page.
pub async fn start(State(app): State<App>) -> Response {
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let everything = Filter::default();
    let pages = view.pages(&everything);
    let first = pages.after(None).find_map(|id| view.page(id).filter(|page| page.is_official()));
    let is_synthetic = first.as_ref().is_some_and(|page| &*page.source == "synthetic");
    let title = first.as_ref().map_or("school", |page| &page.title);
    let words = title.split_whitespace().take(SEARCHED).collect::<Vec<_>>().join(" ");
    let url = first.and_then(|page| page.url()).unwrap_or_else(|| "https://example.org/".to_owned());
    let page = Start {
        seq: view.seq(),
        authorities: view.organizations(Kind::Authority, &everything).len(),
        institutions: view.organizations(Kind::Institution, &everything).len(),
        pages: pages.len(),
        platforms: view.platforms().count(),
        is_synthetic,
        in_progress: app.registry().tasks().reports().into_values().filter_map(|it| it.progress).collect(),
        examples: examples(&url, &words),
    };
    match page.render() {
        Ok(html) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot render the start page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn examples(url: &str, words: &str) -> Vec<Example> {
    let examples = queries(url, words).into_iter().map(|(title, query)| {
        let href = format!("/public/graphql?query={}", utf8_percent_encode(&query, NON_ALPHANUMERIC));
        Example { title, query, href }
    });
    examples.collect()
}

/// Titles and texts of the example queries, for the page with this address, and for these words of its title.
fn queries(url: &str, words: &str) -> [(&'static str, String); 7] {
    let (quoted, words) = (serde_json::Value::from(url), serde_json::Value::from(words));
    [
        (
            "Is this address official?",
            format!("{{ verifyPage(url: {quoted}) {{ verdict matchedBy canonicalUrl page {{ title owner {{ name }} }} }} }}"),
        ),
        (
            "A page, its owner and the owner's ancestors",
            format!("{{ page(url: {quoted}) {{ url title platform {{ name }} owner {{ name ancestors {{ name }} territory {{ name }} }} }} }}"),
        ),
        (
            "Institutions and their pages",
            "{ institutions(first: 5) { totalCount nodes { name sector { name } authority { name } pages(first: 3) { nodes { url } } } } }"
                .to_owned(),
        ),
        (
            "Search, in any word form, alphabet or keyboard layout",
            format!("{{ search(text: {words}, first: 5) {{ totalCount nodes {{ item {{ ... on Authority {{ name }} ... on Institution {{ name }} ... on Page {{ url }} }} }} }} }}"),
        ),
        (
            "Who must have a page, and who has one",
            "{ coverage(groupBy: [TERRITORY]) { total { obliged exempt covered ratio } groups { keys { name } obliged exempt covered ratio } computedAt seq } }"
                .to_owned(),
        ),
        (
            "The registry in numbers",
            "{ registryStatistics(groupBy: [PLATFORM]) { total { organizations pages markedShare } groups { keys { name } pages freshness { within30Days never } change(days: 30) { pagesRegistered pagesArchived } } } }"
                .to_owned(),
        ),
        (
            "History of the page",
            format!("{{ page(url: {quoted}) {{ title history {{ nodes {{ at kind role reason fields {{ field before after }} }} }} }} }}"),
        ),
    ]
}
