//! Why an address in a file is refused, in words.

use super::row_error::{Code, RowResult, refuse};
use crate::address::Refusal as AddressRefusal;

pub(super) fn refused<T>(url: &str, refusal: AddressRefusal) -> RowResult<T> {
    let code = match refusal {
        AddressRefusal::PersonalProfile => Code::PersonProfile,
        AddressRefusal::UnknownPlatform => Code::UnsupportedPlatform,
        _ => Code::UrlNotAPage,
    };
    let is_several =
        url.matches("://").count() > 1 || url.split_whitespace().filter(|it| it.contains('.')).count() > 1;
    let (text, suggestion) = match refusal {
        AddressRefusal::NotAUrl if is_several => (
            "is several addresses",
            "Split the cell in the mapping, such as split = \" \", or keep one of them.",
        ),
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
