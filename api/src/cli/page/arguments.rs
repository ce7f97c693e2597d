//! Arguments of `registry page`: references, fields and states. `registry mark` shares those of its acts.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, ValueEnum};
use entities::page::Category;
use registry::{
    calendar, global_id,
    page::{PageAddress, PageField, PageFields},
    record_reference::{OrganizationReference, PageReference},
};
use serde::de::DeserializeOwned;

use super::super::basis::{BasisArgs, day};

/// The page of an act, and why it is done.
#[derive(Args, Debug)]
pub(in crate::cli) struct TargetArgs {
    /// Address of the page in any form, or its number or global id in this registry
    #[arg(value_parser = page)]
    pub(in crate::cli) page: PageReference,

    #[command(flatten)]
    pub(in crate::cli) basis: BasisArgs,
}

/// Where a page is.
#[derive(Args, Debug)]
pub(in crate::cli) struct AddressArgs {
    /// Address of the page in any form; with --platform, its permanent id there
    address: String,

    /// Code of the platform, such as `vk`, if ADDRESS is a permanent id
    #[arg(long, value_name = "CODE")]
    platform: Option<String>,
}

impl From<AddressArgs> for PageAddress {
    fn from(AddressArgs { address, platform }: AddressArgs) -> Self {
        match platform {
            None => Self::Url(address),
            platform_code => Self::Native { platform_code, native_id: address },
        }
    }
}

/// Fields that describe a page.
#[derive(Args, Debug)]
pub(super) struct FieldsArgs {
    /// Title of the page
    #[arg(long)]
    title: Option<String>,

    /// Type of the page on its platform, such as `group`
    #[arg(long)]
    page_type: Option<String>,

    /// Office to which the page belongs, such as `Mayor`; never the name of a person
    #[arg(long)]
    office_title: Option<String>,

    /// Languages of the page (BCP 47), separated by commas
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    languages: Option<Vec<String>>,

    /// How the owner uses the page: `flagship`, `active` or `card`
    #[arg(long, value_parser = member::<Category>)]
    category: Option<Category>,

    /// Day since which the page is official
    #[arg(long, value_name = "DAY", value_parser = day)]
    valid_from: Option<NaiveDate>,
}

impl From<FieldsArgs> for PageFields {
    fn from(args: FieldsArgs) -> Self {
        Self {
            title: args.title,
            page_type: args.page_type,
            office_title: args.office_title,
            languages: args.languages,
            category: args.category,
            valid_from: args.valid_from,
        }
    }
}

/// Field that can be left without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FieldName {
    /// Type of the page on its platform
    PageType,
    /// Office to which the page belongs
    OfficeTitle,
    /// Languages of the page
    Languages,
    /// How the owner uses the page
    Category,
    /// Day since which the page is official
    ValidFrom,
}

impl From<FieldName> for PageField {
    fn from(name: FieldName) -> Self {
        match name {
            FieldName::PageType => Self::PageType,
            FieldName::OfficeTitle => Self::OfficeTitle,
            FieldName::Languages => Self::Languages,
            FieldName::Category => Self::Category,
            FieldName::ValidFrom => Self::ValidFrom,
        }
    }
}

/// What becomes of a page that was compromised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Outcome {
    /// The owner has regained control: the page is official again
    Registered,
    /// The owner has given the page up
    Archived,
}

/// A page, by its number or global id, or else by its address.
pub(super) fn page(text: &str) -> Result<PageReference, String> {
    let text = text.trim();
    let number = || text.parse::<i64>().ok().filter(|number| *number > 0);
    Ok(match (global_id::key("Page", text), number()) {
        (Some(_), _) => PageReference::Id(text.to_owned()),
        (None, Some(number)) => PageReference::Id(global_id::encode("Page", number)),
        (None, None) => PageReference::Url(text.to_owned()),
    })
}

/// An organization, by its global id or by an identifier (`SCHEME=VALUE`), or else by its code.
pub(super) fn organization(text: &str) -> Result<OrganizationReference, String> {
    let text = text.trim();
    Ok(match (global_id::key("Organization", text), text.split_once('=')) {
        (Some(_), _) => OrganizationReference::Id(text.to_owned()),
        (None, Some((scheme, value))) => {
            OrganizationReference::Identifier { scheme_code: scheme.to_owned(), value: value.to_owned() }
        }
        (None, None) => OrganizationReference::Code(text.to_owned()),
    })
}

/// A member of an enumeration, in any case, with hyphens for `_`.
pub(super) fn member<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let name = text.trim().to_uppercase().replace('-', "_");
    serde_json::from_value(serde_json::Value::String(name)).map_err(|error| error.to_string())
}

/// A timestamp of an option.
pub(in crate::cli) fn timestamp(text: &str) -> Result<DateTime<Utc>, String> {
    calendar::parse_timestamp(text).ok_or_else(|| "write it as 2026-11-22T07:06:00Z".into())
}

#[cfg(test)]
mod tests {
    use entities::page::{Availability, Rejection};

    use super::*;

    #[test]
    fn a_page_is_named_by_its_number_its_id_or_its_address() {
        let id = global_id::encode("Page", 42);
        let by_id = PageReference::Id(id.clone());
        assert_eq!((page("42"), page(&id)), (Ok(by_id.clone()), Ok(by_id)));
        assert_eq!(page(" vk.com/tula "), Ok(PageReference::Url("vk.com/tula".into())));
        assert_eq!(page("0"), Ok(PageReference::Url("0".into())));
    }

    #[test]
    fn an_organization_is_named_by_its_code_an_identifier_or_its_id() {
        let identifier = OrganizationReference::Identifier {
            scheme_code: "ru:ogrn".into(),
            value: "1027700132195".into(),
        };
        assert_eq!(organization("ru:ogrn=1027700132195"), Ok(identifier));
        assert_eq!(organization("ru:ogrn:1"), Ok(OrganizationReference::Code("ru:ogrn:1".into())));
        let id = global_id::encode("Organization", 7);
        assert_eq!(organization(&id), Ok(OrganizationReference::Id(id)));
    }

    #[test]
    fn members_are_read_in_any_case_and_unknown_ones_are_listed() {
        assert_eq!(member::<Rejection>("wrong-owner"), Ok(Rejection::WrongOwner));
        assert_eq!(member::<Availability>("NOT_FOUND"), Ok(Availability::NotFound));
        assert!(member::<Category>("large").is_err_and(|message| message.contains("FLAGSHIP")));
    }
}
