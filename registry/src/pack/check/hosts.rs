//! Checks of hosts: each belongs to one platform, and no pattern matches hosts of others.

use std::collections::HashMap;

use regex::Regex;

use super::{Checked, Findings, samples::samples};
use crate::pack::file::PlatformEntry;

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    owners(checked, findings);
    patterns_of_hosts(checked, findings);
}

fn owners(checked: &Checked<'_>, findings: &mut Findings) {
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for platform in checked.before.iter().flat_map(|pack| &pack.platforms) {
        owners.extend(platform.address.hosts.iter().map(|host| (&**host, &*platform.code)));
    }
    for platform in checked.beside().flat_map(|pack| &pack.platforms) {
        for host in &platform.address.hosts {
            owners.entry(host).or_insert(&platform.code);
        }
    }
    for platform in &checked.file.platforms {
        let entry = format!("platform `{}`", platform.code);
        if platform.address.hosts.is_empty() && platform.address.host_pattern.is_none() {
            findings.problem(&entry, "has no host");
        }
        for host in &platform.address.hosts {
            if !is_host(host.strip_prefix("*.").unwrap_or(host)) {
                let text = format!(
                    "`{host}` is not a host: use lower case, no scheme, no path, Punycode for other scripts"
                );
                findings.problem(&entry, text);
            }
            if let Some(other) = owners.insert(host, &platform.code).filter(|other| *other != platform.code) {
                findings.problem(&entry, format!("the host `{host}` belongs to the platform `{other}`"));
            }
        }
    }
}

/// Finds patterns and wildcards that match hosts of other platforms.
fn patterns_of_hosts(checked: &Checked<'_>, findings: &mut Findings) {
    let others = |code: &str| -> Vec<(String, String)> {
        let platforms = checked.all().flat_map(|pack| &pack.platforms).filter(|it| it.code != code);
        let hosts =
            platforms.flat_map(|it| it.address.hosts.iter().map(|host| (it.code.clone(), host.clone())));
        hosts.chain([("of nobody".into(), "host.invalid".into())]).collect()
    };
    for platform in &checked.file.platforms {
        let entry = format!("platform `{}`", platform.code);
        let pattern = platform.address.host_pattern.as_deref();
        let pattern = pattern.and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
        if let Some(text) = platform.address.host_pattern.as_deref().and_then(open_pattern) {
            findings.problem(&entry, text);
        }
        patterns_of_others(checked, platform, &entry, findings);
        for (other, host) in others(&platform.code) {
            let host = host.trim_start_matches("*.");
            if pattern.as_ref().is_some_and(|pattern| pattern.is_match(host)) {
                findings.problem(&entry, format!("`host_pattern` matches `{host}`, the host of `{other}`"));
                break;
            }
            let star = host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
            if star.is_some_and(|star| platform.address.hosts.contains(&star)) {
                findings.note(
                    &entry,
                    format!("its wildcard hosts include `{host}`, which still belongs to `{other}`"),
                );
            }
        }
    }
}

/// Finds hosts of a platform that match the patterns of other platforms.
fn patterns_of_others(checked: &Checked<'_>, platform: &PlatformEntry, entry: &str, findings: &mut Findings) {
    for other in checked.all().flat_map(|pack| &pack.platforms).filter(|it| it.code != platform.code) {
        let theirs = other.address.host_pattern.as_deref();
        let theirs = theirs.and_then(|it| Regex::new(&format!("^(?:{it})$")).ok());
        if let Some(host) =
            platform.address.hosts.iter().find(|host| theirs.as_ref().is_some_and(|it| it.is_match(host)))
        {
            findings.problem(
                entry,
                format!("the host `{host}` also matches the `host_pattern` of `{}`", other.code),
            );
        }
    }
}

/// Why a host pattern matches hosts that anyone can register: its domain is not literal, or not preceded by a dot.
fn open_pattern(pattern: &str) -> Option<String> {
    let compiled = Regex::new(&format!("^(?:{pattern})$")).ok()?;
    let texts = samples(pattern, None);
    if !texts.is_empty() && texts.iter().all(|text| !text.contains('.')) {
        let text =
            format!("`host_pattern` matches `{}`, which anyone can register: write a dot as `\\.`", texts[0]);
        return Some(text);
    }
    let found = texts.into_iter().find(|host| host.contains('.'))?;
    let (site, _) = found.rsplit_once('.')?;
    let name = site.rsplit('.').next()?;
    let foreign = [
        found.replacen(name, &format!("evil{name}"), 1),
        found.replacen('.', "x", 1),
        format!("{site}.evil"),
    ];
    let taken = foreign.iter().find(|host| **host != found && compiled.is_match(host))?;
    Some(format!(
        "`host_pattern` matches `{taken}`, which anyone can register: write the domain with `\\.` before and between labels"
    ))
}

fn is_host(host: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    host.contains('.') && host.split('.').all(|label| !label.is_empty()) && host.chars().all(is_plain)
}
