//! Row errors for addresses that cannot be resolved to a page.

use super::row_error::{Code, RowResult, refuse};
use crate::address::AddressError;

pub(super) fn address_row_error<T>(url: &str, error: AddressError) -> RowResult<T> {
    let code = match error {
        AddressError::PersonalProfile => Code::PersonProfile,
        AddressError::UnknownPlatform => Code::UnsupportedPlatform,
        _ => Code::UrlNotAPage,
    };
    let is_several =
        url.matches("://").count() > 1 || url.split_whitespace().filter(|it| it.contains('.')).count() > 1;
    let (text, suggestion) = match error {
        AddressError::NotAUrl if is_several => (
            "is several addresses",
            "Split the cell in the mapping, such as split = \" \", or keep one of them.",
        ),
        error => (error.text(), error.advice()),
    };
    refuse(code, format!("`{url}` {text}."), suggestion)
}
