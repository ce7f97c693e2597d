//! Addresses: whatever people paste gets a key or a reason.

mod forms;
mod properties;

use std::sync::LazyLock;

use registry::{
    address::{Address, AddressBook, CompiledPlatform, Key, PlatformRules, Resolution},
    pack::{PackFile, PlatformEntry},
};

/// Rules of all built-in platforms, with their codes.
pub static PLATFORMS: LazyLock<Vec<(String, PlatformRules)>> =
    LazyLock::new(|| entries().map(|platform| (platform.code, platform.address)).collect());

fn entries() -> impl Iterator<Item = PlatformEntry> {
    let packs = ["world", "ru"].map(|name| PackFile::find(name).expect("the pack"));
    packs.into_iter().flat_map(|pack| pack.platforms)
}

pub static BOOK: LazyLock<AddressBook> = LazyLock::new(|| {
    let mut book = AddressBook::default();
    for (id, platform) in entries().enumerate() {
        let compiled = CompiledPlatform::new(id as i64, &platform.address).expect("the rules");
        let names = platform.names.values().map(|name| &**name).chain([&*platform.name, &*platform.code]);
        book.insert(compiled.with_names(names));
    }
    book
});

pub fn read(address: &str) -> Resolution {
    BOOK.read(address)
}

/// `platform/id/key`, `platform/handle/key` or `!reason`.
pub fn resolve(address: &str) -> String {
    match read(address).outcome {
        Ok(found) => text(&found),
        Err(refusal) => {
            format!("!{}", serde_json::to_value(refusal).expect("a reason").as_str().expect("a text"))
        }
    }
}

pub fn text(address: &Address) -> String {
    let (platform, _) = &PLATFORMS[address.platform_id as usize];
    match &address.key {
        Key::NativeId(id) => format!("{platform}/id/{id}"),
        Key::Handle(handle) => format!("{platform}/handle/{handle}"),
    }
}

/// The short names of reasons that the tables use.
pub fn reason(short: &str) -> &str {
    match short {
        "!noturl" => "!not_a_url",
        "!unknown" => "!unknown_platform",
        "!root" => "!platform_root",
        "!reserved" => "!reserved_path",
        "!person" => "!personal_profile",
        "!invite" => "!private_invite",
        "!private" => "!private_channel_id",
        "!content" => "!content_not_page",
        "!bot" => "!bot_not_page",
        "!handle" => "!invalid_handle",
        "!form" => "!unknown_form",
        other => other,
    }
}

/// A form of an address in a table, and what it leads to.
pub struct Form {
    pub address: String,
    pub expected: String,
}

/// All tables, by the name of their file.
pub fn tables() -> Vec<(String, Vec<Form>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/addresses");
    let files = std::fs::read_dir(folder).expect("the tables").map(|file| file.expect("a table").path());
    let table = |file: std::path::PathBuf| {
        let text = std::fs::read_to_string(&file).expect("a text");
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, text.lines().filter(|line| !line.starts_with("# ")).map(form).collect())
    };
    files.map(table).collect()
}

fn form(line: &str) -> Form {
    let mut columns = line.split('\t');
    let (address, expected) = (columns.next().expect("a form"), columns.next().expect("what it leads to"));
    Form { address: unescape(address), expected: reason(expected).to_owned() }
}

/// What a literal of Python stands for.
fn unescape(literal: &str) -> String {
    let mut characters = literal[1..literal.len() - 1].chars();
    let mut text = String::new();
    while let Some(c) = characters.next() {
        let escaped = if c == '\\' { characters.next() } else { None };
        let digits = match escaped {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        text.push(match escaped {
            None => c,
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(other) if digits == 0 => other,
            Some(_) => {
                let code: String = characters.by_ref().take(digits).collect();
                u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).expect("a character")
            }
        });
    }
    text
}
