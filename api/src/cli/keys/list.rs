//! `registry keys list`.

use std::collections::HashMap;

use anyhow::Result;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use registry::{
    api_client,
    change_log::Registry,
    model::{Client, ClientKey},
    snapshot::Snapshot,
};

use crate::cli::counted;

/// Time before their expiry in which keys are warned of.
const SOON: TimeDelta = TimeDelta::days(30);

/// Prints a line for each key, and which keys expire soon.
pub(super) async fn print(registry: &Registry) -> Result<()> {
    let snapshot = registry.snapshot();
    if snapshot.clients().is_empty() {
        say!("There are no keys yet; create one with `registry keys create --name NAME`.");
        return Ok(());
    }
    let clients = || snapshot.clients().values();
    let ids: Vec<i64> = clients().flat_map(|client| client.keys.iter().map(|key| key.id)).collect();
    let used = api_client::last_used(registry.database(), &ids).await?;
    let now = Utc::now();
    say!("name\tscopes\tkey\tstate\tlast used\tonly for");
    for client in clients() {
        let scopes: Vec<_> = client.scopes.iter().map(|scope| scope.name()).collect();
        let (scopes, limits) = (scopes.join(","), limits(&snapshot, client));
        for line in key_lines(client, &used, now) {
            say!("{}\t{scopes}\t{line}\t{limits}", client.name);
        }
    }
    warn(clients().filter(|client| client.revoked_at.is_none()).map(|client| &**client), now);
    Ok(())
}

/// Number, state and last use of each key.
fn key_lines(client: &Client, used: &HashMap<i64, NaiveDate>, now: DateTime<Utc>) -> Vec<String> {
    let line = |key: &ClientKey| {
        let texts = key.prefix.iter().chain(&key.label).map(|text| format!(" {text}")).collect::<String>();
        let last_used = used.get(&key.id).map_or_else(|| "never".to_owned(), NaiveDate::to_string);
        format!("{}{texts}\t{}\t{last_used}", key.id, state(client, key, now))
    };
    let mut lines: Vec<String> = client.keys.iter().map(line).collect();
    if lines.is_empty() {
        let state = client.revoked_at.map_or("no key".to_owned(), |at| format!("revoked {}", day(at)));
        lines.push(format!("\t{state}\tnever"));
    }
    lines
}

fn state(client: &Client, key: &ClientKey, now: DateTime<Utc>) -> String {
    match (client.revoked_at.or(key.revoked_at), key.expires_at) {
        (Some(at), _) => format!("revoked {}", day(at)),
        (None, Some(at)) if at <= now => format!("expired {}", day(at)),
        (None, Some(at)) => format!("since {}, expires {}", day(key.created_at), day(at)),
        (None, None) => format!("since {}", day(key.created_at)),
    }
}

fn day(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%d")
}

/// Limits of a client; empty without any.
fn limits(snapshot: &Snapshot, client: &Client) -> String {
    let platform = client.platform_id.and_then(|id| snapshot.platform(id));
    let organization = client.organization_id.and_then(|id| snapshot.organization(id));
    let territory = client.territory_id.and_then(|id| snapshot.territory(id));
    let limits = [
        platform.map(|it| format!("platform {}", it.code)),
        organization.map(|it| format!("organization {}", it.code)),
        territory.map(|it| format!("territory {}", it.code)),
    ];
    limits.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Prints which valid keys expire soon.
fn warn<'a>(clients: impl Iterator<Item = &'a Client>, now: DateTime<Utc>) {
    let expiring = |client: &'a Client| {
        let keys = client.keys.iter().filter(move |key| key.is_valid_at(now));
        let soon = keys.filter_map(move |key| Some((client, key.id, key.expires_at?)));
        soon.filter(move |(_, _, at)| *at <= now + SOON)
    };
    let found: Vec<_> = clients.flat_map(expiring).collect();
    if found.is_empty() {
        return;
    }
    let keys = counted(found.len(), "key expires", "keys expire");
    say!("{keys} within {} days; `registry keys add NAME` creates a successor:", SOON.num_days());
    for (client, key_id, at) in found {
        say!("{}: key {key_id} on {}", client.name, at.format("%Y-%m-%d at %H:%M UTC"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_as_it_is_now() {
        let stored = r#"{"id":1,"name":"a","scopes":[],"created_at":"2026-11-22T07:06:00Z","revoked_at":null,"keys":[
            {"id":3,"key_hash":"ab","created_at":"2026-11-22T07:06:00Z"},
            {"id":4,"key_hash":"cd","created_at":"2026-11-22T07:06:00Z","prefix":"reg_AbCd","label":"night",
             "expires_at":"2026-12-01T00:00:00Z"}]}"#;
        let client: Client = serde_json::from_str(stored).expect("a client");
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a timestamp");
        let used = HashMap::from([(3, NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day"))]);
        let before = key_lines(&client, &used, at("2026-11-30T23:59:59Z"));
        let expected = [
            "3\tsince 2026-11-22\t2026-11-25",
            "4 reg_AbCd night\tsince 2026-11-22, expires 2026-12-01\tnever",
        ];
        assert_eq!(before, expected);
        let after = key_lines(&client, &used, at("2026-12-01T00:00:00Z"));
        assert_eq!(after[1], "4 reg_AbCd night\texpired 2026-12-01\tnever");
    }
}
