//! Every form of an address that is known, and what it leads to.

use super::{read, resolve, tables, text};

/// Fewest forms that the table of a platform has.
const FEWEST: usize = 40;

#[test]
fn every_form_in_the_tables_leads_to_its_page() {
    let mut wrong = Vec::new();
    for (table, forms) in tables() {
        assert!(forms.len() >= FEWEST, "{table} has {} forms", forms.len());
        for form in forms {
            let found = resolve(&form.address);
            if found != form.expected {
                wrong.push(format!("{table}: {:?} gives {found}, not {}", form.address, form.expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_platform_has_a_table_that_reaches_it() {
    let tables = tables();
    for (code, _) in super::PLATFORMS.iter() {
        let table = tables.iter().find(|(name, _)| name == code);
        let (_, forms) = table.unwrap_or_else(|| panic!("{code} has no table"));
        let prefix = format!("{code}/");
        assert!(forms.iter().any(|form| form.expected.starts_with(&prefix)), "{code}");
    }
}

#[test]
fn what_is_no_page_gives_a_reason() {
    let cases = [
        ("", "!not_a_url"),
        ("Тула", "!not_a_url"),
        ("mailto:press@vk.com", "!not_a_url"),
        ("press@vk.com", "!not_a_url"),
        ("javascript:alert(1)", "!not_a_url"),
        ("javascript:location='https://vk.com/gorod_tula'", "!not_a_url"),
        ("javascript://vk.com/gorod_tula", "!not_a_url"),
        ("https://vk.com@evil.example/club7", "!not_a_url"),
        ("https://vk.com:club7@evil.example/", "!not_a_url"),
        ("https://evil.example/https://vk.com/gorod_tula", "!unknown_platform"),
        ("evil.example:https://vk.com/gorod_tula", "!not_a_url"),
        ("https://vk.com/a b", "!not_a_url"),
        ("https://a.b.linkedin.com/company/x", "!unknown_platform"),
        ("https://vk.com/video", "!reserved_path"),
    ];
    for (address, expected) in cases {
        assert_eq!(resolve(address), expected, "{address}");
    }
    assert_eq!(resolve(&format!("https://vk.com/{}", "a".repeat(1 << 20))), "!not_a_url");
}

/// A link leads where its target says, whatever its text says.
#[test]
fn the_text_of_a_link_is_not_its_target() {
    for deception in [
        "[https://vk.com/gorod_tula](https://vk.com/evil)",
        "<a href=\"https://vk.com/evil\">https://vk.com/gorod_tula</a>",
        "<A class=x HREF='https://vk.com/evil'>vk.com/gorod_tula</A>",
        "[url=https://vk.com/evil]https://vk.com/gorod_tula[/url]",
    ] {
        assert_eq!(resolve(deception), "vk/handle/evil", "{deception}");
    }
}

#[test]
fn a_text_with_several_addresses_names_none_of_them() {
    for several in [
        "https://vk.com/gorod_tula https://vk.com/evil",
        "https://vk.com/gorod_tula,https://t.me/gorod_tula",
        "https://vk.com/gorod_tula\nhttps://ok.ru/gorodtula",
        "ВК vk.com/gorod_tula, ОК ok.ru/gorodtula",
        "[a](https://vk.com/gorod_tula) [b](https://vk.com/evil)",
        "@gorod_tula @gorod_kaluga",
    ] {
        assert_eq!(resolve(several), "!not_a_url", "{several}");
    }
    assert_eq!(resolve("vk.com/gorod_tula и ещё раз vk.com/gorod_tula"), "vk/handle/gorod_tula");
}

#[test]
fn what_is_shown_over_a_page_is_named_beside_it() {
    let embedded = |address: &str| read(address).embedded.and_then(Result::ok).as_ref().map(text);
    for (address, page, over) in [
        ("https://vk.com/gorod_tula?w=wall-7_15%2Fall", "vk/handle/gorod_tula", Some("vk/id/7")),
        ("https://vk.com/club8?w=club7", "vk/id/8", Some("vk/id/7")),
        ("https://vk.com/wall-8_1?z=video-7_2", "vk/id/8", Some("vk/id/7")),
        ("https://vkvideo.ru/@gorod_tula?z=clip-7_1", "vk/handle/gorod_tula", Some("vk/id/7")),
        // Its own post over a page is no other page.
        ("https://vk.com/club7?w=wall-7_15", "vk/id/7", None),
        // Where the path names no page, the page of the post is meant.
        ("https://vk.com/feed?w=wall-7_15", "vk/id/7", None),
        ("https://x.com/evil?user_id=7", "x/handle/evil", None),
    ] {
        assert_eq!(resolve(address), page, "{address}");
        assert_eq!(embedded(address).as_deref(), over, "{address}");
    }
}

#[test]
fn a_handle_that_cannot_be_keeps_its_text_for_look_alikes() {
    for (address, handle) in [
        ("https://vk.com/minzdrаv", "minzdrаv"),
        ("https://t.me/minzdrav-ru", "minzdrav-ru"),
        ("https://vk.com/Minzdrav-RU", "minzdrav-ru"),
    ] {
        let (_, text) = read(address).impossible_handle.expect("a text");
        assert_eq!(text, handle, "{address}");
    }
    assert_eq!(read("https://vk.com/feed").impossible_handle, None, "a reserved word imitates nobody");
}

/// The same name on two hosts of a federated platform is two pages, wherever each is shown.
#[test]
fn a_federated_handle_holds_its_host() {
    for (address, expected) in [
        ("https://mastodon.social/@x", "mastodon/handle/@x@mastodon.social"),
        ("https://social.bund.de/@x", "mastodon/handle/@x@social.bund.de"),
        ("https://mastodon.social/@x@social.bund.de", "mastodon/handle/@x@social.bund.de"),
        ("https://mastodon.social/@x@pixelfed.social", "pixelfed/handle/@x@pixelfed.social"),
        ("@x@social.bund.de", "mastodon/handle/@x@social.bund.de"),
        ("https://mastodon.social/@x@evil.example", "!unknown_platform"),
        ("@x@evil.example", "!unknown_platform"),
    ] {
        assert_eq!(resolve(address), expected, "{address}");
    }
}

/// Rows of the examples that followed another rule: here the path decides, and MAX's `/u/` leads to a person.
const SUPERSEDED: [&str; 2] = [
    "https://vkvideo.ru/@put_club/clips?z=clip-221754888_456244079/club221754888",
    "https://max.ru/u/f9LHodD0cOJjmbADdxMaO0UzEfR",
];

/// The examples that lie beside the project, where they are there.
#[test]
fn the_examples_beside_the_project_resolve_as_they_say() {
    let Some(text) = crate::suite::real_data::read("page-url-vectors.tsv") else { return };
    let mut wrong = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let (address, expected) = line.rsplit_once('\t').expect("two columns");
        let found = resolve(address);
        if found != expected && !SUPERSEDED.contains(&address) {
            wrong.push(format!("{address}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
