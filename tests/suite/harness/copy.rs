//! A copy of the registry that the change feed alone keeps, with digests from their documentation.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::TestApp;

const CHANGES: &str = "query($after: String, $afterSeq: SafeInt, $filter: ChangeFilter) {
    changes(after: $after, afterSeq: $afterSeq, first: 97, filter: $filter) {
        nodes { subjectId subjectType isRemoval subject { ...Record } } pageInfo { hasNextPage endCursor }
    }
}";
/// What a copy has of each record.
pub const RECORD: &str = "fragment Record on Node {
    ... on Page { id platformCode nativeId handle aliases { handle } url title pageType owner { id code } coOwners { id code }
        officeTitle languages category lifecycle availability mark { state method at } widget registeredAt validFrom source updatedAt }
    ... on Organization { __typename id code name shortName territory { code } parent { code } website status successors { code }
        identifiers { schemeCode value } validFrom validTo source createdAt updatedAt }
    ... on Authority { level branch }
    ... on Institution { sector { code } }
}";
pub const DIGEST: &str =
    "query($filter: ChangeFilter, $seq: SafeInt) { registryDigest(filter: $filter, seq: $seq) {
    seq pages { count digest } organizations { count digest } } }";

/// A copy of the public records of a filter, by id.
pub struct Copy {
    pub filter: Value,
    /// Pages as the API shows them.
    pub pages: BTreeMap<String, Value>,
    /// Organizations as the API shows them.
    pub organizations: BTreeMap<String, Value>,
    after: Value,
    after_seq: Value,
}

impl Copy {
    /// An empty copy, which begins after a sequence number.
    pub fn after(seq: i64, filter: Value) -> Self {
        let (pages, organizations) = (BTreeMap::new(), BTreeMap::new());
        Self { filter, pages, organizations, after: Value::Null, after_seq: json!(seq) }
    }

    /// Reads the feed to its end.
    pub async fn follow(&mut self, app: &TestApp) {
        loop {
            let variables =
                json!({ "after": self.after, "afterSeq": self.after_seq.take(), "filter": self.filter });
            let window = app.data(&format!("{CHANGES} {RECORD}"), variables).await["changes"].take();
            window["nodes"].as_array().expect("nodes").iter().for_each(|change| self.take(change));
            self.after = window["pageInfo"]["endCursor"].clone();
            if window["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        if self.filter["withOwners"] == json!(true) {
            self.keep_owners(app).await;
        }
    }

    /// Applies a change.
    fn take(&mut self, change: &Value) {
        let records = match change["subjectType"].as_str() {
            Some("PAGE") => &mut self.pages,
            Some("ORGANIZATION") => &mut self.organizations,
            _ => return,
        };
        let id = change["subjectId"].as_str().expect("an id");
        if change["isRemoval"] == json!(true) || change["subject"].is_null() {
            records.remove(id);
        } else {
            records.insert(id.to_owned(), change["subject"].clone());
        }
    }

    /// Looks up owners that are new, and drops organizations that own none of its pages any more.
    async fn keep_owners(&mut self, app: &TestApp) {
        let named = |page: &Value| {
            let co_owners = page["coOwners"].as_array().expect("co-owners").iter();
            co_owners.chain([&page["owner"]]).map(|it| text(&it["id"])).collect::<Vec<_>>()
        };
        let named: BTreeSet<String> = self.pages.values().flat_map(named).collect();
        self.organizations.retain(|id, _| named.contains(id));
        for id in named {
            if let Entry::Vacant(new) = self.organizations.entry(id) {
                let query = format!("query($id: ID!) {{ node(id: $id) {{ ...Record }} }} {RECORD}");
                let node = app.data(&query, json!({ "id": new.key() })).await["node"].take();
                new.insert(node);
            }
        }
    }

    /// Compares the copy with the registry; returns its digests.
    pub async fn compare(&self, app: &TestApp) -> Value {
        let data = app.data(DIGEST, json!({ "filter": self.filter })).await["registryDigest"].take();
        let own = |records: &BTreeMap<String, Value>, line: fn(&Value) -> String| json!({ "count": records.len(), "digest": digest_of(records.values().map(line)) });
        assert_eq!(data["pages"], own(&self.pages, page_line), "{}", self.filter);
        assert_eq!(data["organizations"], own(&self.organizations, organization_line), "{}", self.filter);
        data
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn moment(value: &Value) -> String {
    value.as_str().map_or_else(String::new, |text| format!("{}Z", &text[..19]))
}

fn list(items: &Value, of: impl Fn(&Value) -> String) -> String {
    let mut items: Vec<String> = items.as_array().expect("a list").iter().map(of).collect();
    items.sort();
    items.join("\u{1e}")
}

/// Second implementation of a page's line, from its documentation.
fn page_line(page: &Value) -> String {
    let mark = &page["mark"];
    let fields = [
        text(&page["id"]),
        text(&page["platformCode"]),
        text(&page["nativeId"]),
        text(&page["handle"]),
        list(&page["aliases"], |alias| text(&alias["handle"])),
        text(&page["url"]),
        text(&page["title"]),
        text(&page["pageType"]),
        text(&page["owner"]["code"]),
        list(&page["coOwners"], |owner| text(&owner["code"])),
        text(&page["officeTitle"]),
        list(&page["languages"], text),
        text(&page["category"]),
        text(&page["lifecycle"]),
        text(&page["availability"]),
        text(&mark["state"]),
        text(&mark["method"]),
        moment(&mark["at"]),
        text(&page["widget"]),
        moment(&page["registeredAt"]),
        text(&page["validFrom"]),
        text(&page["source"]),
        moment(&page["updatedAt"]),
    ];
    fields.join("\u{1f}")
}

/// Second implementation of an organization's line, from its documentation.
fn organization_line(it: &Value) -> String {
    let fields = [
        text(&it["id"]),
        text(&it["__typename"]).to_uppercase(),
        text(&it["code"]),
        text(&it["name"]),
        text(&it["shortName"]),
        text(&it["level"]),
        text(&it["branch"]),
        text(&it["sector"]["code"]),
        text(&it["territory"]["code"]),
        text(&it["parent"]["code"]),
        text(&it["website"]),
        text(&it["status"]),
        list(&it["successors"], |successor| text(&successor["code"])),
        list(&it["identifiers"], |it| format!("{} {}", text(&it["schemeCode"]), text(&it["value"]))),
        text(&it["validFrom"]),
        text(&it["validTo"]),
        text(&it["source"]),
        moment(&it["createdAt"]),
        moment(&it["updatedAt"]),
    ];
    fields.join("\u{1f}")
}

/// Second implementation of the digest, from its documentation.
fn digest_of(lines: impl Iterator<Item = String>) -> String {
    let mut sum = [0u8; 32];
    for line in lines {
        let hash = Sha256::digest(line.as_bytes());
        let mut carry = 0u16;
        for index in (0..32).rev() {
            carry += u16::from(sum[index]) + u16::from(hash[index]);
            sum[index] = carry as u8;
            carry >>= 8;
        }
    }
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}
