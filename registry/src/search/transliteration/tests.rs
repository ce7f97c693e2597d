use proptest::prelude::*;

use super::*;

#[test]
fn all_spellings_of_a_word_have_one_plain_form() {
    for spellings in [
        &["министерство", "ministerstvo", "ministerstwo"][..],
        &["юрьев", "yurev", "jurev"],
        &["щёлково", "schelkovo", "shelkovo"],
        &["хабаровск", "khabarovsk", "habarovsk"],
        &["россия", "rossiya", "rosiya", "rossija"],
        &["київ", "kiiv"],
    ] {
        let plain: Vec<String> = spellings.iter().map(|word| plain(word)).collect();
        assert!(plain.iter().all(|word| *word == plain[0]), "{spellings:?}: {plain:?}");
    }
    assert_ne!(plain("школа"), plain("школы"));
}

#[test]
fn numbers_and_long_runs_are_left_as_they_are() {
    assert_eq!(plain("11"), "11");
    assert_eq!(plain("1100"), "1100");
    assert_eq!(plain("ооо"), "ooo");
    assert_eq!(plain("анна"), "ana");
}

#[test]
fn latin_words_become_russian_ones() {
    for (latin, expected) in [("shkola", "школа"), ("tver", "твер"), ("rayon", "район"), ("tyumen", "тюмен")]
    {
        assert_eq!(russian(latin), expected);
    }
}

#[test]
fn a_text_of_the_wrong_layout_is_typed_anew() {
    assert_eq!(other_layout("ghbdtn").as_deref(), Some("привет"));
    assert_eq!(other_layout("ырщдф").as_deref(), Some("shola"));
    assert_eq!(other_layout("123"), None);
}

#[test]
fn letters_lose_their_accents_and_cyrillic_ones_stay() {
    let without = |word: &str| word.chars().flat_map(without_accent).collect::<String>();
    assert_eq!(without("łódź"), "lodz");
    assert_eq!(without("straße"), "strasse");
    assert_eq!(without("йод"), "йод");
}

#[test]
fn signs_that_look_alike_are_the_standard_ones() {
    assert_eq!(standard('Ａ'), Some('A'));
    assert_eq!(standard('٣'), Some('3'));
    assert_eq!(standard('\u{200b}'), None);
    assert_eq!(standard('я'), Some('я'));
}

proptest! {
    #[test]
    fn any_text_is_transliterated_without_a_fault(text in "\\PC{0,40}") {
        let (_, _) = (plain(&text), russian(&text));
        if let Some(other) = other_layout(&text) {
            prop_assert_eq!(other.chars().count(), text.chars().count());
        }
    }

    #[test]
    fn a_russian_word_typed_in_the_other_layout_is_found_again(word in "[а-я]{1,12}") {
        let typed = other_layout(&word).expect("another text");
        prop_assert_eq!(other_layout(&typed), Some(word));
    }
}
