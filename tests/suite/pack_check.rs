//! Mistakes in packs: each is told before the pack is loaded.

use registry::pack;

/// Each case: what is written into the template of a pack in place of what, and what the check says.
const MISTAKES: [(&str, &str, &str); 94] = [
    ("code = \"xy-02\"", "code = \"xy-01\"", "territory `xy-01`: this code has two entries"),
    ("parent = \"xy\"\nname = \"First", "parent = \"xz\"\nname = \"First", "`xz` is in no pack"),
    ("parent = \"xy\"\nname = \"First", "parent = \"xy-02\"\nname = \"First", "`xy-02` stands behind it"),
    ("codes = { iso = \"XY-01\" }", "codes = { iso = \"Xy-01\" }", "`Xy-01` is no code of ISO 3166"),
    ("timezone = \"Europe/Paris\"", "timezone = \"Europe/Pariss\"", "IANA time zone database"),
    ("names = { fr = \"Pays\" }", "names = { french_ = \"Pays\" }", "`french_` is no language tag"),
    ("weights = [8, 9, 4,", "weights = [8, 9, 4, 4,", "9 weights for 9 digits"),
    ("weights = [8, 9, 4,", "weights = [8, 9,", "7 weights for 9 digits"),
    ("# pad_to = 9 ", "pad_to = 19 #", "`pad_to = 19`"),
    ("modulus = 11 }\n# pad", "modulus = 1 }\n# pad", "a modulus of 1 checks nothing"),
    ("\"subscribers\", \"views\"", "\"subscribers\", \"viewers\"", "`viewers` is no figure"),
    ("hosts = [\"plaza.example\"", "hosts = [\"Plaza.example\"", "`Plaza.example` is no host"),
    ("hosts = [\"plaza.example\"", "hosts = [\"https://plaza.example\"", "is no host"),
    ("hosts = [\"plaza.example\"", "hosts = [\"facebook.com\"", "that of the platform `facebook`"),
    ("/group/{id}", "/group/{native_id}", "`id_url` needs `{id}`"),
    ("plaza.example/{handle}", "plaza.example/{name}", "`{name}`, and `handle.pattern` no such group"),
    ("plaza.example/{handle}\"", "plaza.example/\"", "`handle_url` needs `{handle}`"),
    ("'^[a-z0-9_]+$'", "'[a-z0-9_]+'", "not between `^` and `$`"),
    ("\"about\", \"group\"", "\"About\", \"group\"", "write it as `about`"),
    ("length = [3, 30]", "length = [30, 3]", "more at least than at most"),
    (", path = '^/widget$'", "", "give one"),
    ("on = \"query\", parameter = \"group\"", "on = \"query\"", "needs `parameter`"),
    ("(?i)^/group/0*", "(?i)/group/0*", "does not begin with `^`"),
    ("/group/0*(?<id>[1-9]\\d*)$' },\n", "/group/(?<id>\\d+)$' },\n", "`042` and `42` are two ids"),
    (
        "platforms = [\"plaza\", \"facebook\"]",
        "platforms = [\"plaza\", \"facebok\"]",
        "the platform `facebok`",
    ),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = '.*'\nhosts = [\"plaza.example\"",
        "`host_pattern` matches",
    ),
    (
        "hosts = [\"plaza.example\"",
        "hosts = [\"plaza.example\", \"plaza.example\"",
        "`plaza.example` stands twice",
    ),
    ("\"about\", \"group\"", "\"about\", \"about\", \"group\"", "the reserved word `about` stands twice"),
    ("\"about\", \"group\"", "\"about\"", "add `group` to `reserved`"),
    ("\"video\", \"widget\"]", "\"video\"]", "add `widget` to `reserved`"),
    ("plaza.example/group/{id}", "plaza.example/groups/{id}", "`id_url` makes"),
    ("plaza.example/{handle}\"", "plaza.example/page/x/{handle}\"", "`handle_url` makes"),
    ("\"https://plaza.example/{handle}", "\"https://plazza.example/{handle}", "refused: UnknownPlatform"),
    (
        "matchers = [\n",
        "matchers = [\n    { pattern = '^/.+$', refuse = \"unknown_form\" },\n",
        "matcher 1 takes such",
    ),
    (
        "0*(?<id>[1-9]\\d*)$' },\n    { pattern = '(?i)^/user",
        "0*(?<id>[1-9]\\d*)' },\n    { pattern = '(?i)^/user",
        "does not end with `$`",
    ),
    ("length = [3, 30]", "length = [0, 0]", "allows no handle"),
    (
        "metrics = [\"subscribers\"",
        "mark_methods = [\"\"]\nmetrics = [\"subscribers\"",
        "`mark_methods` has an empty one",
    ),
    ("website = \"https://plaza.example/\"", "website = \"plaza\"", "`website` is no address"),
    (
        "hosts = [\"plaza.example\"",
        "app_schemes = [\"plaza://\"]\nhosts = [\"plaza.example\"",
        "is no scheme of an app",
    ),
    ("name = \"First region\"", "name = \" \"", "territory `xy-01`: has an empty name"),
    ("name = \"Plaza\"", "name = \"\"", "platform `plaza`: has an empty name"),
    (
        "codes = { iso = \"XY-02\" }",
        "codes = { iso = \"XY-01\" }",
        "`xy-01` has the code `XY-01` of iso already",
    ),
    ("codes = { iso = \"XY-02\" }", "codes = { iso = \"XZ-02\" }", "is of `XZ`, and it lies in `XY`"),
    ("codes = { iso = \"XY-02\" }", "codes = { isoo = \"XY-02\" }", "`iso` may be meant"),
    ("code = \"xy-02\"", "code = \"XY 02\"", "its code is not of small Latin letters"),
    ("pattern = '[1-9]\\d{8}'", "pattern = '[A-Z]\\d{8}'", "a check digit is of digits alone"),
    ("pattern = '[1-9]\\d{8}'", "pattern = '[1-9]\\d{8}|[1-9]\\d{11}'", "8 weights are for 9 digits"),
    (
        "# person_pattern = '\\d{11}'",
        "person_pattern = '[1-9]\\d{8}'",
        "takes every identifier for a person's",
    ),
    ("# person_pattern = '\\d{11}'", "person_pattern = '\\d+'", "takes every identifier for a person's"),
    (
        "\"m.plaza.example\"]",
        "\"m.plaza.example\"]\nhost_pattern = '(?:.*\\.)?facebook\\.com'",
        "`host_pattern` matches",
    ),
    ("'^[a-z0-9_]+$'", "'^[A-Z0-9_]+$'", "handles are folded to"),
    ("pattern = '[1-9]\\d{8}'", "pattern = '[1-9]\\d{2}-\\d{6}'", "are taken out first"),
    ("id_url = \"https://plaza.example/group/{id}\"\n", "", "there is no `id_url`"),
    ("parent = \"xy\"\nname = \"First", "name = \"First", "has no parent, and is no country"),
    (
        "kind = \"REGION\"\nparent = \"xy\"\nname = \"First",
        "kind = \"COUNTRY\"\nparent = \"xy\"\nname = \"First",
        "is a country, and lies in",
    ),
    ("code = \"HEALTH\"", "code = \"HE ALTH\"", "its code is not of Latin letters"),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = '.*plaza\\.example'\nhosts = [\"plaza.example\"",
        "which anybody may have",
    ),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = '[a-z]+.plaza.example'\nhosts = [\"plaza.example\"",
        "which anybody may have",
    ),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = 'plaza\\.[a-z]+'\nhosts = [\"plaza.example\"",
        "which anybody may have",
    ),
    (
        "hosts = [\"plaza.example\"",
        "hosts = [\"plaza.example\", \"de-de.facebook.com\"",
        "has by its `host_pattern`",
    ),
    (
        "matchers = [\n",
        "matchers = [\n    { on = \"input\", pattern = '^(?<handle>[a-z]+)$' },\n",
        "takes `ministry`",
    ),
    ("path = '^/widget$'", "path = '.*'", "is not between `^/` and `$`"),
    ("path = '^/widget$'", "path = '^/widget/$'", "no slash at its end"),
    ("parameter = \"group\"", "parameter = \"?group=\"", "is the name alone"),
    ("\"about\", \"group\"", "\"about \", \"group\"", "is never met"),
    (
        "names = { fr = \"Pays\" }",
        "names = { fr = \"Pays\", FR = \"Pays\" }",
        "twice, or it is that of the pack",
    ),
    ("names = { fr = \"Pays\" }", "names = { en = \"Country\" }", "twice, or it is that of the pack"),
    ("names = { fr = \"Pays\" }", "names = { ua = \"Країна\" }", "`ua` is no language of ISO 639-1"),
    ("language = \"en\"", "language = \"jp\"", "`jp` is no language of ISO 639-1"),
    ("name = \"First region\"", "name = \"First\\nregion\"", "control character"),
    ("short = \"MoE\"", "short = \"Ministry of education\"", "stands for itself"),
    ("valid_from = \"2024-01-01\"", "valid_from = \"2924-01-01\"", "is behind the year 2100"),
    ("population_date = \"2025-01-01\"", "population_date = \"2205-01-01\"", "is behind the year 2100"),
    ("codes = { iso = \"XY-02\" }", "codes = { ISO = \"XY-02\" }", "is of small letters"),
    ("codes = { iso = \"XY-02\" }", "codes = { iso = \"\" }", "a code is not empty"),
    ("modulus = 11 }\n# pad", "modulus = 11000 }\n# pad", "reaches the modulus 11000"),
    (
        "weights = [8, 9, 4, 5, 6, 7, 8, 9], modulus = 11",
        "weights = [0, 0, 0, 0, 0, 0, 0, 0], modulus = 11",
        "nothing is checked",
    ),
    (
        "weights = [8, 9, 4, 5, 6, 7, 8, 9], modulus = 11",
        "weights = [11, 22, 11, 11, 11, 11, 11, 11], modulus = 11",
        "nothing is checked",
    ),
    (
        "modulus = 11 }\n# pad",
        "modulus = 11, retry = [8, 9, 4, 5, 6, 7, 8, 9] }\n# pad",
        "`retry` has the same weights",
    ),
    ("# pad_to = 9 ", "pad_to = 9 #", "no identifier begins with one"),
    (
        "# person_pattern = '\\d{11}'",
        "person_pattern = '\\d{3}-\\d{8}'",
        "`person_pattern`: blanks and hyphens",
    ),
    ("length = [3, 30]", "length = [3, 30], reserved = '^ADMIN'", "handles are folded to `admin`"),
    ("'^[a-z0-9_]+$', length = [3, 30]", "'^[a-z0-9_]{31,40}$', length = [3, 30]", "no handle is of both"),
    (
        "matchers = [\n",
        "matchers = [\n    { on = \"host\", pattern = '^(?<handle>[a-z]+)\\.plaza\\.example$' },\n",
        "is no host of the platform",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"SHARE\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = 45.0, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "45 % is written as 0.45",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = -4.0, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "less than nothing",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = 4.5, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "no whole number",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = 4.0, source = \"s\" }, { from = \"2024-01-01\", to = \"2024-12-31\", value = 5.0, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "two figures from",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = 4.0, source = \" \" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "has no source",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"VIEWS\", weight = 1.5 }, { metric = \"POSTS\", weight = -0.5 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "must be more than 0",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"VIEWS\", weight = 0.5 }, { metric = \"VIEWS\", weight = 0.5 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "stands twice",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"LIKES\", weight = 1.0 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "`LIKES` is no metric",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\nplatforms = [\"plazza\"]\ncomponents = [{ metric = \"VIEWS\", weight = 1.0 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "has the platform `plazza`",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = -1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"VIEWS\", weight = 1.0 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "versions are counted from 1",
    ),
];

#[tokio::test]
async fn a_check_of_a_pack_tells_each_mistake_by_its_entry() {
    let text = pack::template("xy");
    for (old, new, expected) in MISTAKES {
        let changed = text.replacen(old, new, 1);
        assert_ne!(text, changed, "the template has `{old}`");
        let file = pack::PackFile::parse(&changed).expect("a pack that can be read");
        let problems = pack::check(&file).expect("checked").problems;
        assert!(problems.iter().any(|it| it.contains(expected)), "{new}: {expected}: {problems:?}");
    }
}

#[tokio::test]
async fn a_check_tells_what_is_wrong_in_more_than_one_place() {
    let problems = |changes: &[(&str, &str)]| {
        let changed = changes.iter().fold(pack::template("xy"), |text, (old, new)| {
            assert!(text.contains(old), "the template has `{old}`");
            text.replacen(old, new, 1)
        });
        let file = pack::PackFile::parse(&changed).expect("a pack that can be read");
        pack::check(&file).expect("checked").problems.join("\n")
    };
    let closed = ("name = \"Plaza\"\n", "name = \"Plaza\"\nstatus = \"CLOSED\"\n");
    assert!(problems(&[closed, ("ANY_OF", "ALL_OF")]).contains("`plaza`, which is closed"));
    assert!(problems(&[closed]).is_empty(), "another platform is enough");
    let by_host = (
        "matchers = [\n",
        "matchers = [\n    { on = \"host\", pattern = '^(?<handle>[a-z]+)\\.plaza\\.example$' },\n",
    );
    let star = ("hosts = [\"plaza.example\", \"www.plaza.example\",", "hosts = [\"*.plaza.example\",");
    assert!(problems(&[by_host, star]).contains("`www.plaza.example` is the page"));
    let nested = ("'^[a-z0-9_]+$'", "'^(?:[a-z0-9_]{1,64}){1,64}$'");
    assert!(problems(&[nested]).is_empty(), "repetitions of repetitions are tried within bounds");
}
