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
        AddressError::NotAUrl => ("is not a web address", "Copy the page's address from the browser."),
        AddressError::UnknownPlatform => ("is not on a known platform", "Load a pack that has the platform."),
        AddressError::PlatformRoot => ("is the platform's home page", "Give the page's own address."),
        AddressError::ReservedPath => ("is a reserved platform path", "Give the page's own address."),
        AddressError::PersonalProfile => ("is a person's profile", "Give the page of the organization."),
        AddressError::PrivateInvite => ("is a private invitation", "Give the channel's public address."),
        AddressError::PrivateChannelId => ("is a private channel", "Give the channel's public address."),
        AddressError::ContentNotPage => ("is a post or video", "Give the address of the page that it is on."),
        AddressError::BotNotPage => ("is a bot", "Give the address of the channel."),
        AddressError::InvalidHandle => {
            ("has a handle that the platform does not allow", "Check the spelling.")
        }
        AddressError::UnknownForm => ("is not a page address", "Give the page's own address."),
    };
    refuse(code, format!("`{url}` {text}."), suggestion)
}
