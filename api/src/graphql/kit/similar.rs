//! Names that an unknown name may have been meant to be.

use strsim::osa_distance;

/// Maximum length of an unknown name, in bytes: longer ones resemble none.
const MAX_NAME: usize = 60;
/// Maximum number of suggested names.
const MAX_NAMES: usize = 3;

/// A sentence with the known names that are most similar to an unknown one; `None` if none is similar.
pub fn suggestion(unknown: &str, known: &[&str]) -> Option<String> {
    if unknown.len() > MAX_NAME {
        return None;
    }
    let lower = unknown.to_lowercase();
    // As many differences as graphql-js allows.
    let most = unknown.len() * 2 / 5 + 1;
    let mut similar: Vec<(usize, &str)> = known
        .iter()
        .filter(|name| !name.starts_with("__"))
        .map(|name| (osa_distance(&lower, &name.to_lowercase()), *name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    similar.sort_unstable();
    let names: Vec<String> = similar.iter().take(MAX_NAMES).map(|(_, name)| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("Did you mean {}?", names.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn the_most_similar_names_are_suggested() {
        let known = ["pages", "page", "platforms", "pageLeaderboard", "__schema"];
        for (unknown, expected) in [
            ("pagez", Some("Did you mean `page` or `pages`?")),
            ("PAGES", Some("Did you mean `pages` or `page`?")),
            ("pageLeaderboards", Some("Did you mean `pageLeaderboard`?")),
            ("organization", None),
            ("__schemas", None),
        ] {
            assert_eq!(suggestion(unknown, &known).as_deref(), expected, "{unknown}");
        }
    }
}
