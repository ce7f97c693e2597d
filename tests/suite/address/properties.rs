//! What holds for every address.

use std::sync::LazyLock;

use proptest::{prelude::*, sample::select};
use registry::address::{Key, Part};

use super::{BOOK, PLATFORMS, read, resolve, tables, text};

/// Addresses of pages, each named by its path alone, with what they lead to.
static PAGES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let forms = tables().into_iter().filter(|(name, _)| name != "pasted").flat_map(|(_, forms)| forms);
    let plain = forms.filter(|form| form.address.starts_with("https://") && !form.expected.starts_with('!'));
    // Several addresses one below the other are a text, and entities are read in different ways.
    let one = plain.filter(|form| !form.address.contains(['\n', '\r', '\t', ';']));
    let bare = one.map(|form| form.address.split(['?', '#', ' ']).next().unwrap_or_default().to_owned());
    // A dot at its end is the sentence's, until a parameter follows.
    let bare = bare.filter(|address| address.ends_with(|c: char| c.is_alphanumeric() || c == '/'));
    bare.filter_map(|address| Some((text(&read(&address).outcome.ok()?), address)))
        .map(|(key, at)| (at, key))
        .collect()
});

/// Addresses of the tables, of pages or not, without parameters and fragment.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let forms = tables().into_iter().flat_map(|(_, forms)| forms);
    let web = forms.filter(|form| form.address.starts_with("https://"));
    web.map(|form| form.address.split(['?', '#', ' ']).next().unwrap_or_default().to_owned()).collect()
});

/// Parameters that any platform looks at, and some that none does.
static PARAMETERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let matchers = PLATFORMS.iter().flat_map(|(_, rules)| &rules.matchers);
    let named = matchers.filter_map(|matcher| matcher.parameter.clone());
    named.chain(["u", "url", "to", "q", "id", "page", "user", "next"].map(str::to_owned)).collect()
});

/// Values with which a parameter or a fragment names a page on some platform.
const VALUES: [&str; 24] = [
    "wall-7_15",
    "club7",
    "video-7_15",
    "clip-7_15",
    "-7",
    "7",
    "100064000000000",
    "official",
    "@official",
    "!/official",
    "/official",
    "!/club7",
    "/group/7",
    "/im?p=@official",
    "?tgaddr=tg://resolve?domain=official",
    "#!/official",
    "https://vk.com/official",
    "UCabcdefghijklmnopqrsTUV",
    "official%00",
    "wall-7_15%2Fall",
    "product-7_1",
    "story-7_1",
    "did:plc:abcdefghijklmnopqrstuvwx",
    "@official@mastodon.social",
];

fn tail() -> impl Strategy<Value = String> {
    let parameters = prop::collection::vec((select(PARAMETERS.as_slice()), select(VALUES.as_slice())), 0..4);
    (parameters, prop::option::of(select(VALUES.as_slice())), any::<bool>()).prop_map(
        |(parameters, fragment, encoded)| {
            let encode = |value: &str| if encoded { value.replace('/', "%2F") } else { value.to_owned() };
            let query: Vec<String> =
                parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
            let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
            format!("?{}{fragment}", query.join("&"))
        },
    )
}

fn anything() -> impl Strategy<Value = String> {
    let hosts = select(vec![
        "vk.com",
        "ok.ru",
        "t.me",
        "x.com",
        "youtube.com",
        "facebook.com",
        "max.ru",
        "mastodon.social",
    ]);
    prop_oneof![
        any::<String>(),
        "[ -~]{0,80}",
        (hosts, any::<String>()).prop_map(|(host, rest)| format!("https://{host}/{rest}")),
    ]
}

/// What people copy along with an address.
const WRAPPINGS: [(&str, &str); 26] = [
    ("", "."),
    ("", ","),
    ("", "!"),
    ("«", "»"),
    ("\"", "\""),
    ("(", ")"),
    ("(", ")."),
    ("[", "]"),
    ("{", "}"),
    ("**", "**"),
    ("<", ">"),
    ("ВК: ", ""),
    ("ВК:", ""),
    ("- ", ""),
    ("— ", " — наша страница"),
    ("Страница ", " (официальная)"),
    ("\u{202a}", "\u{202c}"),
    ("\u{2066}", "\u{2069}"),
    ("\u{feff}", ""),
    ("\u{a0}", "\u{a0}"),
    ("[Город](", ")"),
    ("<a href=\"", "\">Город</a>"),
    ("[url=", "]Город[/url]"),
    ("URL:", ""),
    ("\u{200b}", "\u{200b}"),
    ("https://", ""),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is appended to a page's address, the verdict stays about that page.
    #[test]
    fn no_parameter_or_fragment_changes_which_page_an_address_names(
        (address, key) in select(PAGES.as_slice()), tail in tail(),
    ) {
        prop_assert_eq!(resolve(&format!("{address}{tail}")), key, "{}{}", address, tail);
    }

    /// Where the path names no page, a parameter names one only on the paths that the platform lists for it.
    #[test]
    fn a_parameter_names_a_page_on_listed_paths_alone(address in select(PATHS.as_slice()), tail in tail()) {
        let (bare, whole) = (read(&address), read(&format!("{address}{tail}")));
        if let (Err(_), Ok(found)) = (bare.outcome, whole.outcome) {
            let (_, rules) = &PLATFORMS[found.platform_id as usize];
            let path = url::Url::parse(&address).expect("an address").path().trim_end_matches('/').to_owned();
            let path = if path.is_empty() { "/".to_owned() } else { path };
            let lists = rules.matchers.iter().any(|matcher| {
                let listed = matcher.path.as_deref().map(|path| regex::Regex::new(path).expect("a pattern"));
                matcher.needs_path() && listed.is_some_and(|listed| listed.is_match(&path))
            });
            prop_assert!(lists || (path == "/" && rules.fragment_paths), "{}{}", address, tail);
        }
    }

    #[test]
    fn what_is_copied_along_does_not_matter((address, key) in select(PAGES.as_slice()), (before, after) in select(WRAPPINGS.as_slice())) {
        prop_assert_eq!(resolve(&format!("{before}{address}{after}")), key, "{}{}{}", before, address, after);
    }

    #[test]
    fn any_text_gets_an_answer_and_the_same_one_again(text in anything()) {
        prop_assert_eq!(resolve(&text), resolve(&text));
    }

    #[test]
    fn a_canonical_address_leads_back_to_its_key(text in prop_oneof![anything(), select(PATHS.as_slice())]) {
        if let Ok(found) = BOOK.resolve(&text) {
            let platform = BOOK.platform(found.platform_id).expect("the platform");
            let canonical = match &found.key {
                Key::NativeId(id) => platform.canonical_url(Some(id), None),
                Key::Handle(handle) => platform.canonical_url(None, Some(handle)),
            };
            if let Some(canonical) = canonical {
                prop_assert_eq!(BOOK.resolve(&canonical), Ok(found), "{}", canonical);
            }
        }
    }

    #[test]
    fn case_quotes_and_tracking_do_not_matter(name in "[a-z][a-z0-9_]{4,20}[a-z]") {
        let plain = resolve(&format!("https://vk.com/{name}"));
        for other in [
            format!("http://VK.com/{}/", name.to_uppercase()),
            format!("«vkontakte.ru/{name}?utm_source=x»"),
            format!("  m.vk.ru/{name}#top "),
        ] {
            prop_assert_eq!(resolve(&other), plain.clone(), "{}", other);
        }
    }
}

#[test]
fn every_parameter_and_fragment_has_its_paths() {
    for (code, rules) in PLATFORMS.iter() {
        for matcher in &rules.matchers {
            assert!(!matcher.needs_path() || matcher.path.is_some(), "{code}: {}", matcher.pattern);
            assert_eq!(matcher.on == Part::Query, matcher.parameter.is_some(), "{code}: {}", matcher.pattern);
        }
    }
}
