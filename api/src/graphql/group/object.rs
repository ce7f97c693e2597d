//! GraphQL type of the keys of groups.

use async_graphql::{Context, Object};
use registry::{
    snapshot::member_name,
    view::{DimensionValue, View, name_in},
};

use super::value_name::value_name;
use crate::graphql::{
    kit::{context::Pinned, group::GroupDimension, sequential::SequentialObject},
    territory::Territory,
};

/// Value of a group in one dimension.
pub struct GroupKey<'a> {
    view: &'a View,
    dimension: GroupDimension,
    /// Id of a territory, platform or sector, or index of an enum value; `None` for the group of everything without a value.
    value: Option<u32>,
}

/// Value of a group in one dimension.
#[Object]
impl GroupKey<'_> {
    /// Dimension of the value.
    async fn dimension(&self) -> GroupDimension {
        self.dimension
    }

    /// Code of the territory, platform or sector; otherwise, the name of the enum value. Null for the group of everything
    /// without a value of the dimension.
    async fn code(&self) -> Option<String> {
        self.to_code()
    }

    /// Name of the territory, platform, sector or enum value; enum values have names in English and Russian. Null if `code`
    /// is.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> Option<String> {
        self.to_name(language.as_deref())
    }

    /// The territory in its present state, also within counts of the past; null for other dimensions, and for the group of
    /// everything without a territory of the kind.
    async fn territory<'a>(&self, ctx: &Context<'a>) -> Option<SequentialObject<Territory<'a>>> {
        let id = self.value.filter(|_| self.dimension == GroupDimension::Territory)?;
        // Not in `self.view`: restored states have counts alone.
        ctx.view().territory(i64::from(id)).map(Territory).map(SequentialObject)
    }
}

impl GroupKey<'_> {
    /// Code of the territory, platform or sector; otherwise, the name of the enum value. `None` without a value.
    pub fn to_code(&self) -> Option<String> {
        let (view, value) = (self.view, self.value?);
        let id = i64::from(value);
        match self.dimension {
            GroupDimension::Territory => view.territory(id).map(|it| it.code.to_string()),
            GroupDimension::Platform => view.platform(id).map(|it| it.code.to_string()),
            GroupDimension::Sector => view.sector(id).map(|it| it.code.to_string()),
            other => member_name(other.into(), value),
        }
    }

    /// Name in a language, or in the default language; `None` without a value.
    pub fn to_name(&self, language: Option<&str>) -> Option<String> {
        let (view, value) = (self.view, self.value?);
        let id = i64::from(value);
        match self.dimension {
            GroupDimension::Territory => {
                view.territory(id).map(|it| name_in(&it.name, &it.names, language).to_owned())
            }
            GroupDimension::Platform => {
                view.platform(id).map(|it| name_in(&it.name, &it.names, language).to_owned())
            }
            GroupDimension::Sector => {
                view.sector(id).map(|it| name_in(&it.name, &it.names, language).to_owned())
            }
            other => member_name(other.into(), value).map(|code| {
                value_name(other, &code, [language, view.language()]).map_or(code, str::to_owned)
            }),
        }
    }
}

/// Keys of a group in these dimensions.
pub fn named<'a>(view: &'a View, by: &[GroupDimension], keys: &[DimensionValue]) -> Vec<GroupKey<'a>> {
    let pairs = by.iter().zip(keys);
    pairs.map(|(dimension, (_, value))| GroupKey { view, dimension: *dimension, value: *value }).collect()
}
