//! What a row of a page says beside where it is, and why its address is refused.

use entities::{organization::Status, page::Mark};

use super::{
    file::Row,
    mapping::PageMapping,
    refusal::{Code, RowResult, refuse},
    row::Import,
};
use crate::{
    address::Refusal as AddressRefusal,
    change::Draft,
    snapshot::{Figures, MarkState, Page, Snapshot},
};

impl Import {
    pub(super) fn fill_page(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &PageMapping,
        page: &mut Page,
    ) -> RowResult<()> {
        if let Some(title) = self.boxed(row, &mapping.title) {
            page.title = title;
        }
        for (value, slot) in
            [(&mapping.page_type, &mut page.page_type), (&mapping.office_title, &mut page.office_title)]
        {
            if let Some(text) = self.boxed(row, value) {
                *slot = Some(text);
            }
        }
        self.add_languages(row, mapping, page);
        if let Some(category) = self.member(row, "category", &mapping.category)? {
            page.category = Some(category);
        }
        if let Some(widget) = self.member(row, "widget", &mapping.widget)? {
            page.widget = widget;
        }
        let Some(mark) = self.member(row, "mark", &mapping.mark)? else { return Ok(()) };
        let owner = snapshot.organization(page.owner_id);
        if mark == Mark::Confirmed && owner.is_none_or(|owner| owner.status != Status::Active) {
            return refuse(
                Code::MarkNotAllowed,
                "Only the page of an active organization has a confirmed mark.",
                "Correct the organization's status, or leave the mark out.",
            );
        }
        let (method, at) = (self.boxed(row, &mapping.mark_method), self.moment(row, &mapping.mark_at)?);
        page.mark = MarkState { state: mark, method, at };
        Ok(())
    }

    /// Takes in the figures that a row has beside the page itself.
    pub(super) fn take_figures(
        &self,
        draft: &mut Draft,
        row: &Row,
        mapping: &PageMapping,
        page_id: i64,
    ) -> RowResult<()> {
        let last_post_at = self.moment(row, &mapping.last_post_at)?;
        let subscribers = self.subscribers(row, mapping)?;
        if subscribers.is_none() && last_post_at.is_none() {
            return Ok(());
        }
        let now = draft.now();
        let recorded_at = self.moment(row, &mapping.figures_at)?;
        if recorded_at.is_some_and(|at| at > now) || last_post_at.is_some_and(|at| at > now) {
            return refuse(Code::BadValue, "The figures are of the future.", "Correct the date.");
        }
        let day = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        let known = draft.snapshot().figures(page_id);
        let is_known = known.is_some_and(|known| {
            subscribers.is_none_or(|it| known.subscribers == Some(it))
                && last_post_at.is_none_or(|it| known.last_post_at == Some(it))
        });
        if is_known && recorded_at.is_none() {
            return Ok(());
        }
        let figures = Figures {
            subscribers: subscribers.or(known.and_then(|known| known.subscribers)),
            last_post_at: last_post_at.or(known.and_then(|known| known.last_post_at)),
            recorded_at: recorded_at.unwrap_or(day),
        };
        draft.put_figures(page_id, figures);
        Ok(())
    }

    fn subscribers(&self, row: &Row, mapping: &PageMapping) -> RowResult<Option<u32>> {
        let Some(text) = self.text(row, &mapping.subscribers) else { return Ok(None) };
        match text.replace([' ', '\u{a0}'], "").parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                let text = format!("`{text}` is no number of subscribers.");
                refuse(Code::BadValue, text, "Write a whole number, not below 0.")
            }
        }
    }

    pub(super) fn add_languages(&self, row: &Row, mapping: &PageMapping, page: &mut Page) {
        for language in self.languages(row, mapping) {
            if !page.languages.contains(&language) {
                page.languages.push(language);
            }
        }
        page.languages.sort();
    }

    pub(super) fn languages(&self, row: &Row, mapping: &PageMapping) -> Vec<Box<str>> {
        let languages = mapping.languages.iter().flat_map(|value| value.list(row, &self.columns));
        languages.map(Into::into).collect()
    }
}

pub(super) fn refused<T>(url: &str, refusal: AddressRefusal) -> RowResult<T> {
    let code = match refusal {
        AddressRefusal::PersonalProfile => Code::PersonProfile,
        AddressRefusal::UnknownPlatform => Code::UnsupportedPlatform,
        _ => Code::UrlNotAPage,
    };
    let (text, suggestion) = match refusal {
        AddressRefusal::NotAUrl => ("is not a web address", "Copy the page's address from the browser."),
        AddressRefusal::UnknownPlatform => {
            ("is on no platform that the registry knows", "Load a pack that has it.")
        }
        AddressRefusal::PlatformRoot => ("is the platform's front page", "Give the page's own address."),
        AddressRefusal::ReservedPath => ("is the platform's own path", "Give the page's own address."),
        AddressRefusal::PersonalProfile => ("is a person's profile", "Give the page of the organization."),
        AddressRefusal::PrivateInvite => ("is a private invitation", "Give the channel's public address."),
        AddressRefusal::PrivateChannelId => ("is a private channel", "Give the channel's public address."),
        AddressRefusal::ContentNotPage => {
            ("is a post or video", "Give the address of the page that it is on.")
        }
        AddressRefusal::BotNotPage => ("is a bot", "Give the address of the channel."),
        AddressRefusal::InvalidHandle => {
            ("has a name that the platform does not allow", "Check the spelling.")
        }
        AddressRefusal::UnknownForm => ("is no form of a page's address", "Give the page's own address."),
    };
    refuse(code, format!("`{url}` {text}."), suggestion)
}
