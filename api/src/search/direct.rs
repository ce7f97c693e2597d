//! Texts that name one thing: addresses of pages, numbers in registers, codes.

use super::{document::Hit, service::MatchedBy};
use crate::{snapshot::View, verification};

/// Longest text that may be a number or a code.
const MAX_LENGTH: usize = 200;

/// What the text names, and by what; none where it is words.
pub(super) fn find(view: &View, text: &str) -> Option<(MatchedBy, Vec<Hit>)> {
    let text = text.trim();
    if text.len() > MAX_LENGTH || text.contains(char::is_whitespace) {
        return None;
    }
    if text.contains(['/', '@']) || text.contains('.') && !text.starts_with('.') {
        let page = verification::service::page_at(view, text);
        if let Some(page) = page {
            return Some((MatchedBy::Address, vec![Hit::Page(page.id), Hit::Organization(page.owner().id)]));
        }
    }
    if let Some(found) = view.organization_by_code(text) {
        return Some((MatchedBy::Identifier, vec![Hit::Organization(found.id)]));
    }
    let number: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let found: Vec<Hit> = view
        .schemes()
        .flat_map(|scheme| view.organizations_by_identifier(&scheme.code, &number))
        .map(|organization| Hit::Organization(organization.id))
        .collect();
    if !found.is_empty() {
        return Some((MatchedBy::Identifier, found));
    }
    let pages = view.platforms().filter_map(|platform| view.page_by_native_id(platform.id, text));
    let pages: Vec<Hit> = pages.map(|page| Hit::Page(page.id)).collect();
    (!pages.is_empty()).then_some((MatchedBy::Identifier, pages))
}
