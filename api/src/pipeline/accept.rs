//! The `Accept` header: media ranges and their weights (RFC 9110, 12.4.2 and 12.5.1).

use axum::http::{HeaderMap, header};

/// Weight of a range without `q`, in thousandths.
const FULL: u16 = 1_000;

/// Weights of the media ranges that matter here, in thousandths; `None` for those that the header does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weights {
    graphql: Option<u16>,
    json: Option<u16>,
    html: Option<u16>,
    /// `application/*`
    application: Option<u16>,
    /// `*/*`
    any: Option<u16>,
}

impl Weights {
    /// Reads the header. Of a range that is named twice, the larger weight counts. A range whose weight is invalid, such as
    /// `q=1.5`, is left out: what its client prefers is unknown, and RFC 9110 does not say how to read it.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut weights = Self::default();
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for range in values.flat_map(|value| parts(value, ',')) {
            let mut of_range = parts(range, ';');
            let name = of_range.next().unwrap_or_default();
            if let Some(weight) = weights.of(name) {
                *weight = (*weight).max(of_range.find_map(quality).unwrap_or(Some(FULL)));
            }
        }
        weights
    }

    fn of(&mut self, range: &str) -> Option<&mut Option<u16>> {
        let is = |name: &str| range.eq_ignore_ascii_case(name);
        match () {
            () if is("application/graphql-response+json") => Some(&mut self.graphql),
            () if is("application/json") => Some(&mut self.json),
            () if is("text/html") => Some(&mut self.html),
            () if is("application/*") => Some(&mut self.application),
            () if is("*/*") => Some(&mut self.any),
            () => None,
        }
    }

    /// Weight of a type of `application`: that of the most specific range.
    fn weight(self, named: Option<u16>) -> u16 {
        named.or(self.application).or(self.any).unwrap_or(0)
    }

    /// Weight of `application/graphql-response+json`; 0 if it is not accepted.
    pub(super) fn graphql(self) -> u16 {
        self.weight(self.graphql)
    }

    /// Weight of `application/json`; 0 if it is not accepted.
    pub(super) fn json(self) -> u16 {
        self.weight(self.json)
    }

    /// Weight of HTML, if it is named; 0 otherwise.
    pub(super) fn html(self) -> u16 {
        self.html.unwrap_or(0)
    }

    /// Whether `application/graphql-response+json` is accepted by its name.
    pub(super) fn names_graphql(self) -> bool {
        self.graphql.is_some_and(|weight| weight > 0)
    }

    /// Whether `application/json` is accepted by its name.
    pub(super) fn names_json(self) -> bool {
        self.json.is_some_and(|weight| weight > 0)
    }
}

/// Parts of a text between separators, except for those in quotes.
pub(super) fn parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = text.split(move |character: char| {
        let is_literal = std::mem::take(&mut is_escaped);
        is_quoted ^= character == '"' && !is_literal;
        is_escaped = character == '\\' && is_quoted && !is_literal;
        character == separator && !is_quoted
    });
    parts.map(str::trim)
}

/// Weight in a parameter of a range, which is `None` if it is invalid; `None` if the parameter is another one.
fn quality(parameter: &str) -> Option<Option<u16>> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    name.eq_ignore_ascii_case("q").then(|| weight(value))
}

/// Weight in thousandths: 0 to 1 with up to three decimals.
fn weight(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let is_weight = fraction.len() <= 3 && matches!(whole, "0" | "1");
    if !is_weight || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().zip([100, 10, 1]).map(|(digit, place)| u16::from(digit - b'0') * place);
    let whole = if whole == "1" { FULL } else { 0 };
    Some(whole + digits.sum::<u16>()).filter(|weight| *weight <= FULL)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(accept: &str) -> Weights {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).expect("a header"));
        Weights::read(&headers)
    }

    #[test]
    fn the_most_specific_range_gives_the_weight() {
        for (accept, graphql, json) in [
            ("*/*", 1_000, 1_000),
            ("*/*;q=0.1", 100, 100),
            ("application/*;q=0.2, */*", 200, 200),
            ("application/json;q=0.5, application/graphql-response+json", 1_000, 500),
            ("Application/JSON ; Q=0.5 , */* ; q=0.25", 250, 500),
            ("application/json;q=0, */*", 1_000, 0),
            ("application/json;charset=utf-8;q=0.75", 0, 750),
            ("application/json;q=1.000, application/json;q=0.1", 0, 1_000),
            ("application/json;profile=\"a,b;q=0\\\";q=0\";q=0.123", 0, 123),
            ("text/html, image/*", 0, 0),
            ("", 0, 0),
        ] {
            let weights = read(accept);
            assert_eq!((weights.graphql(), weights.json()), (graphql, json), "{accept}");
        }
    }

    #[test]
    fn a_range_whose_weight_is_invalid_is_left_out() {
        for wrong in
            ["q=", "q=1.001", "q=2", "q=1.5", "q=abc", "q=0.1234", "q=0.x", "q=-1", "q=.5", "q", "q=1;q"]
        {
            let expected = if wrong == "q=1;q" { 1_000 } else { 0 };
            assert_eq!(read(&format!("application/json;{wrong}")).json(), expected, "{wrong}");
        }
        assert_eq!(read("application/json;level=0").json(), 1_000, "another parameter");
        let weights = read("application/json;q=2, application/*;q=0.3, application/json;q=0.1");
        assert_eq!((weights.graphql(), weights.json()), (300, 100));
    }
}
