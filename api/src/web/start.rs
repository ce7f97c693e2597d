//! The start page: what is here, how much, and queries to click.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use entities::organization::Kind;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    app::App,
    snapshot::{Filter, View, Viewer},
};

/// A query that one can click.
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
    examples: Vec<Example>,
}

/// Shows the start page.
pub async fn start(State(app): State<App>) -> Response {
    let view = View::new(app.registry().snapshot(), Viewer::Public);
    let everything = Filter::default();
    let pages = view.pages(&everything);
    let first = pages.after(None).find_map(|id| view.page(id).filter(|page| page.is_official()));
    let is_synthetic = first.as_ref().is_some_and(|page| &*page.source == "synthetic");
    let url = first.and_then(|page| page.url()).unwrap_or_else(|| "https://example.org/".to_owned());
    let page = Start {
        seq: view.seq(),
        authorities: view.organizations(Kind::Authority, &everything).len(),
        institutions: view.organizations(Kind::Institution, &everything).len(),
        pages: pages.len(),
        platforms: view.platforms().count(),
        is_synthetic,
        examples: examples(&url),
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot render the start page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn examples(url: &str) -> Vec<Example> {
    let quoted = serde_json::Value::from(url);
    let queries = [
        (
            "Is this address official?",
            format!("{{ verifyPage(url: {quoted}) {{ verdict matchedBy canonicalUrl page {{ title owner {{ name }} }} }} }}"),
        ),
        (
            "A page, its owner and everyone above",
            format!("{{ page(url: {quoted}) {{ url title platform {{ name }} owner {{ name ancestors {{ name }} territory {{ name }} }} }} }}"),
        ),
        (
            "Institutions and their pages",
            "{ institutions(first: 5) { totalCount nodes { name sector { name } authority { name } pages(first: 3) { nodes { url } } } } }"
                .to_owned(),
        ),
    ];
    let examples = queries.into_iter().map(|(title, query)| {
        let href = format!("/public/graphql?query={}", utf8_percent_encode(&query, NON_ALPHANUMERIC));
        Example { title, query, href }
    });
    examples.collect()
}
