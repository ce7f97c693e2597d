//! Fields that describe a page, and its handle.

use chrono::NaiveDate;
use entities::page::Availability;
use unicode_normalization::UnicodeNormalization;

use super::{
    act::{PageEdit, PageField, PageFields},
    address::{self, PageAddress, PageKeys},
    draft::PageDraft,
    error::{PageError, PageErrorCode as Code},
};
use crate::{
    language,
    model::remove_source,
    provenance::{PageFieldName as Field, RecordField},
};

/// Maximum number of characters of a title, of the title of an office, and of a page type.
const MAX_LINE: usize = 1_000;
/// Maximum number of languages.
const MAX_LANGUAGES: usize = 10;

impl PageDraft<'_> {
    /// Sets the fields of an edit.
    pub(super) fn edit(&mut self, edit: &PageEdit) -> Result<(), PageError> {
        if let Some(doubled) = edit.clear.iter().find(|field| edit.fields.has(**field)) {
            let text = format!("{} is in `clear` and has a value; give one of them.", named(*doubled).name());
            return Err(PageError::invalid(text, "clear"));
        }
        self.fill(&edit.fields)?;
        for field in &edit.clear {
            self.clear(*field).map_err(|error| PageError { field: vec!["clear".into()], ..error })?;
        }
        match &edit.native_id {
            Some(native_id) => self.add_native_id(native_id),
            None => Ok(()),
        }
    }

    /// Sets the fields that have a value.
    pub(super) fn fill(&mut self, fields: &PageFields) -> Result<(), PageError> {
        if let Some(title) = &fields.title {
            self.set(Field::Title, |page| &mut page.title, line("title", title)?)?;
        }
        if let Some(page_type) = &fields.page_type {
            self.set(Field::PageType, |page| &mut page.page_type, Some(line("pageType", page_type)?))?;
        }
        if let Some(office) = &fields.office_title {
            self.set(Field::OfficeTitle, |page| &mut page.office_title, Some(line("officeTitle", office)?))?;
        }
        if let Some(tags) = &fields.languages {
            self.set(Field::Languages, |page| &mut page.languages, languages(tags)?)?;
        }
        if let Some(category) = fields.category {
            self.set(Field::Category, |page| &mut page.category, Some(category))?;
        }
        match fields.valid_from {
            Some(day) => self.set_valid_from(day),
            None => Ok(()),
        }
    }

    fn set_valid_from(&mut self, day: NaiveDate) -> Result<(), PageError> {
        if day > self.snapshot.time_zone().day_of(self.at) {
            return Err(PageError::invalid("The day is in the future.", "validFrom"));
        }
        self.set(Field::ValidFrom, |page| &mut page.valid_from, Some(day))
    }

    fn clear(&mut self, field: PageField) -> Result<(), PageError> {
        let name = named(field);
        match field {
            PageField::PageType => self.set(name, |page| &mut page.page_type, None),
            PageField::OfficeTitle => self.set(name, |page| &mut page.office_title, None),
            PageField::Languages => self.set(name, |page| &mut page.languages, Vec::new()),
            PageField::Category => self.set(name, |page| &mut page.category, None),
            PageField::ValidFrom => self.set(name, |page| &mut page.valid_from, None),
        }
    }

    /// Sets the permanent id of a page whose id is unknown: a page with another id is another page.
    fn add_native_id(&mut self, text: &str) -> Result<(), PageError> {
        let native_id = address::native_id(self.snapshot, self.page.platform_id, text, "nativeId")?;
        if let Some(known) = self.page.native_id.as_deref().filter(|known| *known != &*native_id) {
            let text = format!(
                "The page has the id {known}, which never changes. A page with another id is another one: register it."
            );
            return Err(PageError::new(Code::OtherNativeId, text, "nativeId").about(self.page.id));
        }
        let keys = PageKeys::of_id(self.page.platform_id, native_id.clone());
        keys.are_free(self.snapshot, self.author, self.page.id)?;
        self.set(Field::NativeId, |page| &mut page.native_id, Some(native_id))
    }

    /// Changes the handle, and keeps the old one as a former handle. An address by id says that the page has no
    /// handle any more.
    pub(super) fn rename(&mut self, address: &PageAddress) -> Result<(), PageError> {
        let address = address.resolve(self.snapshot, self.author)?;
        if address.platform_id != self.page.platform_id {
            let text = "The address is on another platform than the page; register it as a page of its own.";
            return Err(PageError::new(Code::OtherPlatform, text, "address"));
        }
        let keys = PageKeys::new(self.snapshot, address, None)?;
        let of_address = |error: PageError| PageError { field: vec!["address".into()], ..error };
        if let Some(native_id) = &keys.native_id {
            // Also an id that was unknown.
            self.add_native_id(native_id).map_err(of_address)?;
        }
        keys.are_free(self.snapshot, self.author, self.page.id)?;
        let is_same = self.page.handle == keys.handle;
        self.claim(Field::Handle, is_same).map_err(of_address)?;
        if !is_same {
            self.page.rename(keys.handle, self.at);
            // Of the old address; the new one was not checked yet.
            self.page.availability = Availability::Unknown;
            self.page.availability_checked_at = None;
            remove_source(&mut self.page.field_sources, Field::Availability.name());
        }
        Ok(())
    }
}

/// The same field among those that have sources.
fn named(field: PageField) -> Field {
    match field {
        PageField::PageType => Field::PageType,
        PageField::OfficeTitle => Field::OfficeTitle,
        PageField::Languages => Field::Languages,
        PageField::Category => Field::Category,
        PageField::ValidFrom => Field::ValidFrom,
    }
}

/// A text in one line, in NFC, with single blanks.
fn line(field: &str, text: &str) -> Result<Box<str>, PageError> {
    let text: String = text.trim().nfc().collect();
    let is_line = !text.is_empty() && text.chars().count() <= MAX_LINE && !text.chars().any(char::is_control);
    if !is_line {
        let text = format!("`{field}` has 1 to {MAX_LINE} characters, without control characters.");
        return Err(PageError::invalid(text, field));
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" ").into())
}

/// Canonical tags, each once.
fn languages(tags: &[String]) -> Result<Vec<Box<str>>, PageError> {
    if tags.len() > MAX_LANGUAGES {
        let text = format!("A page has at most {MAX_LANGUAGES} languages.");
        return Err(PageError::invalid(text, "languages"));
    }
    let mut found: Vec<Box<str>> = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let tag = language::canonical(tag)
            .map_err(|fault| PageError::invalid(format!("{fault}."), &format!("languages.{index}")))?;
        found.push(tag.into());
    }
    found.sort();
    found.dedup();
    Ok(found)
}
