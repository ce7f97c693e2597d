//! Addresses: whatever people paste gets a key or a reason.

use std::sync::LazyLock;

use api::{
    address::{AddressBook, CompiledPlatform, Key},
    pack::PackFile,
};
use proptest::prelude::*;

/// Rules of all built-in platforms, and their codes by id.
static BOOK: LazyLock<(AddressBook, Vec<String>)> = LazyLock::new(|| {
    let packs = ["world", "ru"].map(|name| PackFile::find(name).expect("the pack"));
    let mut book = AddressBook::default();
    let mut codes = Vec::new();
    for platform in packs.into_iter().flat_map(|pack| pack.platforms) {
        book.insert(CompiledPlatform::new(codes.len() as i64, &platform.address).expect("the rules"));
        codes.push(platform.code);
    }
    (book, codes)
});

/// `platform/id/key`, `platform/handle/key` or `!reason`.
pub fn resolve(address: &str) -> String {
    let (book, codes) = &*BOOK;
    match book.resolve(address) {
        Ok(found) => {
            let platform = &codes[found.platform_id as usize];
            match found.key {
                Key::NativeId(id) => format!("{platform}/id/{id}"),
                Key::Handle(handle) => format!("{platform}/handle/{handle}"),
            }
        }
        Err(refusal) => {
            format!("!{}", serde_json::to_value(refusal).expect("a reason").as_str().expect("a text"))
        }
    }
}

#[test]
fn every_form_of_an_address_gives_its_key() {
    let cases = [
        ("https://vk.com/club7", "vk/id/7"),
        ("VK.RU/Public007/", "vk/id/7"),
        ("m.vk.com/event7?from=search", "vk/id/7"),
        ("https://vk.com/Gorod.Tula", "vk/handle/gorod.tula"),
        ("https://vk.com/gorod_tula?w=wall-7_15%2Fall", "vk/id/7"),
        ("https://vkvideo.ru/@gorod_tula/all", "vk/handle/gorod_tula"),
        ("https://vk.com/@gorod_tula-o-nas", "vk/handle/gorod_tula"),
        ("https://vk.com/wall-7_15?reply=3", "vk/id/7"),
        ("https://ok.ru/group54321/topic/9", "ok/id/54321"),
        ("https://ok.ru/dk?st.cmd=altGroupMain&st.groupId=54321", "ok/id/54321"),
        ("https://ok.ru/gorodtula", "ok/handle/gorodtula"),
        ("@gorod_tula", "telegram/handle/gorod_tula"),
        ("t.me/s/Gorod_Tula/15", "telegram/handle/gorod_tula"),
        ("gorod_tula.t.me/15", "telegram/handle/gorod_tula"),
        ("tg://resolve?post=3&domain=gorod_tula", "telegram/handle/gorod_tula"),
        ("https://web.telegram.org/k/#@gorod_tula", "telegram/handle/gorod_tula"),
        ("https://rutube.ru/channel/0042/playlists", "rutube/id/42"),
        ("https://max.ru/id7107012345_gos2/post", "max/handle/id7107012345_gos2"),
        ("https://twitter.com/#!/TulaCity", "x/handle/tulacity"),
        ("https://x.com/intent/user?screen_name=TulaCity", "x/handle/tulacity"),
        ("https://x.com/i/user/7", "x/id/7"),
        ("https://fr-ca.facebook.com/Tula.City/", "facebook/handle/tulacity"),
        ("https://www.facebook.com/profile.php?id=100064700000001", "facebook/id/100064700000001"),
        ("https://www.facebook.com/Tula-City-100064700000001/", "facebook/id/100064700000001"),
        (
            "https://www.youtube.com/channel/UCabcdefghijklmnopqrsTUV/videos",
            "youtube/id/UCabcdefghijklmnopqrsTUV",
        ),
        ("https://www.youtube.com/user/TulaCity", "youtube/handle/user/tulacity"),
        ("https://ca.linkedin.com/company/Tula-City/about/", "linkedin/handle/company/tula-city"),
        ("https://www.linkedin.com/company/12345", "linkedin/id/12345"),
        ("https://www.flickr.com/photos/12345678@N05/albums", "flickr/id/12345678@N05"),
        ("\u{200b}“https://vk.com/club7”, ", "vk/id/7"),
        ("//vk.com/club7", "vk/id/7"),
        ("https://vk.com./club7", "vk/id/7"),
    ];
    for (address, expected) in cases {
        assert_eq!(resolve(address), expected, "{address}");
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
        ("https://vk.com@evil.example/club7", "!not_a_url"),
        ("https://vk.com:club7@evil.example/", "!not_a_url"),
        ("https://vk.com/a b", "!not_a_url"),
        ("https://vk.com.evil.example/club7", "!unknown_platform"),
        ("https://evilvk.com/club7", "!unknown_platform"),
        ("https://vk.com:8443/club7", "!unknown_platform"),
        ("https://a.b.linkedin.com/company/x", "!unknown_platform"),
        ("vk.com", "!platform_root"),
        ("https://vk.com/id7", "!personal_profile"),
        ("https://vk.com/wall7_15", "!personal_profile"),
        ("https://vk.com/away.php?to=https%3A%2F%2Fvk.com%2Fclub7", "!reserved_path"),
        ("https://vk.com/video", "!reserved_path"),
        ("https://vk.com/тула", "!invalid_handle"),
        ("https://t.me/abc", "!invalid_handle"),
        ("https://t.me/+Abc", "!private_invite"),
        ("https://t.me/c/7/8", "!private_channel_id"),
        ("https://rutube.ru/video/0123456789abcdef/", "!content_not_page"),
        ("https://rutube.ru/", "!platform_root"),
        ("https://youtu.be/abc", "!content_not_page"),
        ("https://www.youtube.com/watch?v=abc", "!content_not_page"),
        ("https://www.instagram.com/p/abc/", "!content_not_page"),
        ("https://www.linkedin.com/in/somebody", "!personal_profile"),
        ("https://max.ru/id7_bot", "!bot_not_page"),
    ];
    for (address, expected) in cases {
        assert_eq!(resolve(address), expected, "{address}");
    }
    assert_eq!(resolve(&format!("https://vk.com/{}", "a".repeat(1 << 20))), "!not_a_url");
}

/// The examples that lie beside the project, where they are there.
#[test]
fn the_examples_beside_the_project_resolve_as_they_say() {
    let Some(text) = super::real_data::read("page-url-vectors.tsv") else { return };
    let mut wrong = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let (address, expected) = line.rsplit_once('\t').expect("two columns");
        let found = resolve(address);
        if found != expected {
            wrong.push(format!("{address}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn anything() -> impl Strategy<Value = String> {
    let hosts = prop::sample::select(vec![
        "vk.com",
        "ok.ru",
        "t.me",
        "x.com",
        "youtube.com",
        "facebook.com",
        "max.ru",
    ]);
    prop_oneof![
        any::<String>(),
        "[ -~]{0,80}",
        (hosts, any::<String>()).prop_map(|(host, rest)| format!("https://{host}/{rest}")),
    ]
}

proptest! {
    #[test]
    fn any_text_gets_an_answer_and_the_same_one_again(text in anything()) {
        prop_assert_eq!(resolve(&text), resolve(&text));
    }

    #[test]
    fn a_canonical_address_leads_back_to_its_key(text in anything()) {
        let (book, _) = &*BOOK;
        if let Ok(found) = book.resolve(&text) {
            let platform = book.platform(found.platform_id).expect("the platform");
            let canonical = match &found.key {
                Key::NativeId(id) => platform.canonical_url(Some(id), None),
                Key::Handle(handle) => platform.canonical_url(None, Some(handle)),
            };
            if let Some(canonical) = canonical {
                prop_assert_eq!(book.resolve(&canonical), Ok(found), "{}", canonical);
            }
        }
    }

    #[test]
    fn case_quotes_and_tracking_do_not_matter(name in "[a-z][a-z0-9_]{4,20}") {
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
