//! What an input resolves to: an address, or why it is none.

use serde::{Deserialize, Serialize};

/// Target of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Platform id.
    pub platform_id: i64,
    /// Key of the page on the platform.
    pub key: Key,
}

/// How a platform identifies a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The platform's permanent id.
    NativeId(Box<str>),
    /// A name that may change, case-folded by the platform's rules.
    Handle(Box<str>),
}

/// Everything that an input says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Page that the address names, or why it names none.
    pub outcome: Result<Address, AddressError>,
    /// Page whose content is shown on top of the named page, or why that content belongs to no page.
    pub embedded: Option<Result<Address, AddressError>>,
    /// Platform id and text in place of a handle, if invalid on the platform: used only to find look-alikes.
    pub impossible_handle: Option<(i64, String)>,
}

/// Why an input is not the address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressError {
    /// Not a web address, several addresses, or a deceptive one.
    NotAUrl,
    /// An address on a host of no known platform.
    UnknownPlatform,
    /// The platform's front page.
    PlatformRoot,
    /// A path reserved by the platform.
    ReservedPath,
    /// A person's profile.
    PersonalProfile,
    /// An invitation to a private channel.
    PrivateInvite,
    /// Internal id of a private channel.
    PrivateChannelId,
    /// A post, video or other content that does not name its page.
    ContentNotPage,
    /// A bot.
    BotNotPage,
    /// A name that is invalid on the platform.
    InvalidHandle,
    /// A form of address unknown to the platform's rules.
    UnknownForm,
}

impl AddressError {
    /// What the input is, to follow it in a sentence: `“…” is a person's profile`.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotAUrl => "is not a web address",
            Self::UnknownPlatform => "is not on a known platform",
            Self::PlatformRoot => "is the platform's home page",
            Self::ReservedPath => "is a reserved platform path",
            Self::PersonalProfile => "is a person's profile",
            Self::PrivateInvite => "is a private invitation",
            Self::PrivateChannelId => "is a private channel",
            Self::ContentNotPage => "is a post or video",
            Self::BotNotPage => "is a bot",
            Self::InvalidHandle => "has a handle that the platform does not allow",
            Self::UnknownForm => "is not a page address",
        }
    }

    /// What to do.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotAUrl => "Copy the page's address from the browser.",
            Self::UnknownPlatform => "Load a pack that has the platform.",
            Self::PlatformRoot | Self::ReservedPath | Self::UnknownForm => "Give the page's own address.",
            Self::PersonalProfile => "Give the page of the organization.",
            Self::PrivateInvite | Self::PrivateChannelId => "Give the channel's public address.",
            Self::ContentNotPage => "Give the address of the page that it is on.",
            Self::BotNotPage => "Give the address of the channel.",
            Self::InvalidHandle => "Check the spelling.",
        }
    }
}

impl Resolution {
    pub(super) fn refused(refusal: AddressError) -> Self {
        Self { outcome: Err(refusal), embedded: None, impossible_handle: None }
    }
}
