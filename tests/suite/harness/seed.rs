//! Records for tests, each with sensible defaults.

use entities::{
    organization::{Kind, Status},
    page::{Availability, Lifecycle, Widget},
};
use registry::{
    change_log::{Actor, ChangeSet},
    model::{MarkState, Organization, Page, Record},
};

use super::TestApp;

/// An active institution.
pub fn organization(change_set: &ChangeSet, code: &str, name: &str) -> Organization {
    Organization {
        id: change_set.next_organization_id(),
        code: code.into(),
        code_origin: None,
        former_codes: Vec::new(),
        kind: Kind::Institution,
        name: name.into(),
        short_name: None,
        other_names: Vec::new(),
        level: None,
        branch: None,
        sector: None,
        founder_id: None,
        territory_id: None,
        parent_id: None,
        website: None,
        status: Status::Active,
        status_at: None,
        successors: Vec::new(),
        valid_from: None,
        valid_to: None,
        identifiers: Vec::new(),
        source: "test".into(),
        field_sources: Vec::new(),
        created_at: change_set.now(),
        updated_at: change_set.now(),
    }
}

/// A registered page on a platform.
pub fn page(
    change_set: &ChangeSet,
    owner_id: i64,
    platform: &str,
    native_id: Option<&str>,
    handle: Option<&str>,
) -> Page {
    let platform_id =
        change_set.snapshot().platform_by_code(platform).expect("the packs have the platform").id;
    Page {
        id: change_set.next_page_id(),
        platform_id,
        native_id: native_id.map(Into::into),
        handle: handle.map(Into::into),
        title: handle.or(native_id).unwrap_or_default().into(),
        page_type: None,
        owner_id,
        co_owners: Vec::new(),
        office_title: None,
        languages: Vec::new(),
        category: None,
        lifecycle: Lifecycle::Registered,
        lifecycle_at: None,
        availability: Availability::Unknown,
        availability_checked_at: None,
        mark: MarkState::NONE,
        widget: Widget::NotRequired,
        widget_checked_at: None,
        rejection: None,
        aliases: Vec::new(),
        source: "test".into(),
        field_sources: Vec::new(),
        registered_at: Some(change_set.now()),
        valid_from: None,
        created_at: change_set.now(),
        updated_at: change_set.now(),
    }
}

impl TestApp {
    /// Writes what `make` makes.
    pub async fn put<R: Into<Record> + 'static>(
        &self,
        make: impl FnOnce(&ChangeSet) -> R + Send + 'static,
    ) -> i64 {
        self.registry
            .write(&Actor::Operator, move |change_set| {
                let record = make(change_set).into();
                let id = record.id();
                change_set.upsert(record, None)?;
                Ok(id)
            })
            .await
            .expect("the record is written")
    }

    pub async fn organization(&self, code: &str, name: &str) -> i64 {
        let (code, name) = (code.to_owned(), name.to_owned());
        self.put(move |change_set| organization(change_set, &code, &name)).await
    }

    /// A registered page; `key` is a native id when it is a number, a handle otherwise.
    pub async fn page(&self, owner_id: i64, platform: &str, key: &str) -> i64 {
        let (platform, key) = (platform.to_owned(), key.to_owned());
        self.put(move |change_set| {
            let is_id = key.bytes().all(|byte| byte.is_ascii_digit());
            page(change_set, owner_id, &platform, is_id.then_some(&*key), (!is_id).then_some(&*key))
        })
        .await
    }

    /// Changes a page.
    pub async fn change_page(&self, id: i64, change: impl FnOnce(&mut Page, &ChangeSet) + Send + 'static) {
        self.put(move |change_set| {
            let mut page = Page::clone(change_set.snapshot().page(id).expect("the page is there"));
            change(&mut page, change_set);
            page
        })
        .await;
    }

    /// Changes an organization.
    pub async fn change_organization(
        &self,
        id: i64,
        change: impl FnOnce(&mut Organization) + Send + 'static,
    ) {
        self.put(move |change_set| {
            let known = change_set.snapshot().organization(id).expect("the organization is there");
            let mut organization = Organization::clone(known);
            change(&mut organization);
            organization
        })
        .await;
    }
}
