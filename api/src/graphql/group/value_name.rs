//! Names of enum values, by which groups are named: the values are the same in every country, so packs do not name them.

use crate::graphql::kit::group::GroupDimension;

/// Name of an enum value in the first of these languages that it has a name in, or in English; `None` for an unknown
/// value.
pub fn value_name(
    dimension: GroupDimension,
    code: &str,
    languages: [Option<&str>; 2],
) -> Option<&'static str> {
    let &(_, _, english, russian) = NAMES.iter().find(|(of, name, ..)| (*of, *name) == (dimension, code))?;
    let primary = languages.into_iter().flatten().filter_map(|language| language.split('-').next());
    let mut names = primary.filter_map(|language| match language.to_ascii_lowercase().as_str() {
        "en" => Some(english),
        "ru" => Some(russian),
        _ => None,
    });
    Some(names.next().unwrap_or(english))
}

/// Dimension, value, name in English, name in Russian.
const NAMES: &[(GroupDimension, &str, &str, &str)] = &[
    (GroupDimension::Kind, "AUTHORITY", "Authorities", "Органы власти"),
    (GroupDimension::Kind, "INSTITUTION", "Institutions", "Подведомственные учреждения"),
    (GroupDimension::Level, "FEDERAL", "Federal", "Федеральный уровень"),
    (GroupDimension::Level, "REGIONAL", "Regional", "Региональный уровень"),
    (GroupDimension::Level, "MUNICIPAL", "Municipal", "Муниципальный уровень"),
    (GroupDimension::Branch, "EXECUTIVE", "Executive", "Исполнительная власть"),
    (GroupDimension::Branch, "LEGISLATIVE", "Legislative", "Законодательная власть"),
    (GroupDimension::Branch, "JUDICIAL", "Courts", "Суды"),
    (GroupDimension::Branch, "ELECTORAL", "Election commissions", "Избирательные комиссии"),
    (GroupDimension::Branch, "OVERSIGHT", "Oversight", "Контроль и надзор"),
    (GroupDimension::Branch, "OTHER", "Other", "Прочие"),
    (GroupDimension::Lifecycle, "PROPOSED", "Proposed", "Предложена"),
    (GroupDimension::Lifecycle, "UNDER_REVIEW", "Under review", "На рассмотрении"),
    (GroupDimension::Lifecycle, "REGISTERED", "Registered", "Зарегистрирована"),
    (GroupDimension::Lifecycle, "REJECTED", "Rejected", "Отклонена"),
    (GroupDimension::Lifecycle, "ARCHIVED", "Archived", "В архиве"),
    (GroupDimension::Lifecycle, "COMPROMISED", "Compromised", "Скомпрометирована"),
    (GroupDimension::Mark, "NONE", "Never requested", "Не запрошена"),
    (GroupDimension::Mark, "REQUESTED", "Requested", "Запрошена"),
    (GroupDimension::Mark, "PENDING_CONFIRMATION", "Waiting for confirmation", "Ожидает подтверждения"),
    (GroupDimension::Mark, "CONFIRMED", "Confirmed", "Подтверждена"),
    (GroupDimension::Mark, "REJECTED", "Refused", "Отказано"),
    (GroupDimension::Mark, "EXPIRED", "Expired", "Истекла"),
    (GroupDimension::Mark, "REVOKED", "Revoked", "Отозвана"),
    (GroupDimension::Mark, "LOST", "Lost", "Утрачена"),
    (GroupDimension::Widget, "NOT_REQUIRED", "Not required", "Не требуется"),
    (GroupDimension::Widget, "MISSING", "Missing", "Отсутствует"),
    (GroupDimension::Widget, "INVALID", "Wrong address", "Неверный адрес"),
    (GroupDimension::Widget, "WRONG_COUNT", "Wrong number", "Неверное количество"),
    (GroupDimension::Widget, "CORRECT", "Correct", "Установлен верно"),
    (GroupDimension::Widget, "CHECK_ERROR", "Check failed", "Ошибка проверки"),
];

#[cfg(test)]
mod tests {
    use registry::snapshot::member_name;

    use super::*;

    #[test]
    fn every_enum_value_that_groups_may_have_is_named_and_nothing_else_is() {
        use GroupDimension::{Branch, Kind, Level, Lifecycle, Mark, Widget};
        let mut named = 0;
        for dimension in [Kind, Level, Branch, Lifecycle, Mark, Widget] {
            let codes = (0..).map_while(|index| member_name(dimension.into(), index));
            for code in codes {
                assert!(value_name(dimension, &code, [None; 2]).is_some(), "{dimension:?} {code}");
                named += 1;
            }
        }
        assert_eq!(named, NAMES.len());
    }

    #[test]
    fn a_name_is_in_a_language_that_there_is() {
        let name = |languages| value_name(GroupDimension::Level, "FEDERAL", languages);
        for russian in
            [[Some("ru"), None], [Some("ru-RU"), Some("en")], [Some("fr"), Some("ru")], [None, Some("ru")]]
        {
            assert_eq!(name(russian), Some("Федеральный уровень"), "{russian:?}");
        }
        for english in [[Some("en"), Some("ru")], [None, None], [Some("fr"), Some("fr")], [Some(""), None]] {
            assert_eq!(name(english), Some("Federal"), "{english:?}");
        }
        assert_eq!(value_name(GroupDimension::Level, "LOCAL", [None; 2]), None);
    }
}
