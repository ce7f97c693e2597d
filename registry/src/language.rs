//! Language tags (BCP 47).

use icu_locale_core::LanguageIdentifier;

/// Languages of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is \
    it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na \
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr \
    ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Canonical form of a language tag (BCP 47): `en`, `sr-Latn`.
///
/// # Errors
/// When the tag is invalid, or has two letters and is not in ISO 639-1, such as a country code.
pub fn canonical(tag: &str) -> Result<String, String> {
    let parsed = tag.parse::<LanguageIdentifier>().ok();
    // Longer language subtags are reserved and not in use.
    let Some(parsed) = parsed.filter(|parsed| parsed.language.as_str().len() <= 3) else {
        return Err(format!("`{tag}` is not a language tag (BCP 47), such as `en` or `sr-Latn`"));
    };
    let language = parsed.language.as_str();
    if language.len() == 2 && !LANGUAGES.split_whitespace().any(|known| known == language) {
        return Err(format!(
            "`{tag}` is not a language of ISO 639-1: Ukrainian is `uk`, Japanese `ja`, Greek `el`"
        ));
    }
    Ok(parsed.to_string())
}
