//! Mistakes in packs: each is reported before the pack is loaded.

use registry::pack;

/// Cases: text of the pack template to replace, its replacement, and the message of the check.
const MISTAKES: [(&str, &str, &str); 94] = [
    ("code = \"xy-02\"", "code = \"xy-01\"", "territory `xy-01`: two entries have this code"),
    ("parent = \"xy\"\nname = \"First", "parent = \"xz\"\nname = \"First", "`xz` is in no loaded pack"),
    ("parent = \"xy\"\nname = \"First", "parent = \"xy-02\"\nname = \"First", "`xy-02` comes after it"),
    ("codes = { iso = \"XY-01\" }", "codes = { iso = \"Xy-01\" }", "`Xy-01` is not an ISO 3166 code"),
    ("timezone = \"Europe/Paris\"", "timezone = \"Europe/Pariss\"", "IANA time zone database"),
    ("names = { fr = \"Pays\" }", "names = { french_ = \"Pays\" }", "`french_` is not a language tag"),
    ("weights = [8, 9, 4,", "weights = [8, 9, 4, 4,", "9 weights for 9 digits"),
    ("weights = [8, 9, 4,", "weights = [8, 9,", "7 weights for 9 digits"),
    ("# pad_to = 9 ", "pad_to = 19 #", "`pad_to = 19`"),
    ("modulus = 11 }\n# pad", "modulus = 1 }\n# pad", "a modulus of 1 checks nothing"),
    ("\"subscribers\", \"views\"", "\"subscribers\", \"viewers\"", "`viewers` is not a metric"),
    ("hosts = [\"plaza.example\"", "hosts = [\"Plaza.example\"", "`Plaza.example` is not a host"),
    ("hosts = [\"plaza.example\"", "hosts = [\"https://plaza.example\"", "is not a host"),
    ("hosts = [\"plaza.example\"", "hosts = [\"facebook.com\"", "belongs to the platform `facebook`"),
    ("/group/{id}", "/group/{native_id}", "`id_url` needs the placeholder `{id}`"),
    ("plaza.example/{handle}", "plaza.example/{name}", "`{name}`, but `handle.pattern` has no such group"),
    ("plaza.example/{handle}\"", "plaza.example/\"", "`handle_url` needs the placeholder `{handle}`"),
    ("'^[a-z0-9_]+$'", "'[a-z0-9_]+'", "must begin with `^` and end with `$`"),
    ("\"about\", \"group\"", "\"About\", \"group\"", "write it as `about`"),
    ("length = [3, 30]", "length = [30, 3]", "a minimum above its maximum"),
    (", path = '^/widget$'", "", "`path` is missing"),
    ("on = \"query\", parameter = \"group\"", "on = \"query\"", "needs `parameter`"),
    ("(?i)^/group/0*", "(?i)/group/0*", "does not begin with `^`"),
    ("/group/0*(?<id>[1-9]\\d*)$' },\n", "/group/(?<id>\\d+)$' },\n", "`042` and `42` are different ids"),
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
        "`plaza.example` is listed twice",
    ),
    ("\"about\", \"group\"", "\"about\", \"about\", \"group\"", "the reserved word `about` is listed twice"),
    ("\"about\", \"group\"", "\"about\"", "add `group` to `reserved`"),
    ("\"video\", \"widget\"]", "\"video\"]", "add `widget` to `reserved`"),
    ("plaza.example/group/{id}", "plaza.example/groups/{id}", "`id_url` gives"),
    ("plaza.example/{handle}\"", "plaza.example/page/x/{handle}\"", "`handle_url` gives"),
    ("\"https://plaza.example/{handle}", "\"https://plazza.example/{handle}", "refused: UnknownPlatform"),
    (
        "matchers = [\n",
        "matchers = [\n    { pattern = '^/.+$', refuse = \"unknown_form\" },\n",
        "matcher 1 already matches",
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
        "`mark_methods` has an empty or a duplicate value",
    ),
    ("website = \"https://plaza.example/\"", "website = \"plaza\"", "`website` must be an address"),
    (
        "hosts = [\"plaza.example\"",
        "app_schemes = [\"plaza://\"]\nhosts = [\"plaza.example\"",
        "is not an app scheme",
    ),
    ("name = \"First region\"", "name = \" \"", "territory `xy-01`: has an empty name"),
    ("name = \"Plaza\"", "name = \"\"", "platform `plaza`: has an empty name"),
    (
        "codes = { iso = \"XY-02\" }",
        "codes = { iso = \"XY-01\" }",
        "`xy-01` already has the code `XY-01` of iso",
    ),
    ("codes = { iso = \"XY-02\" }", "codes = { iso = \"XZ-02\" }", "is of `XZ`, but its country is `XY`"),
    ("codes = { iso = \"XY-02\" }", "codes = { isoo = \"XY-02\" }", "`iso` may be meant"),
    ("code = \"xy-02\"", "code = \"XY 02\"", "its code must have only `a` to `z`"),
    ("pattern = '[1-9]\\d{8}'", "pattern = '[A-Z]\\d{8}'", "a check digit requires digits only"),
    ("pattern = '[1-9]\\d{8}'", "pattern = '[1-9]\\d{8}|[1-9]\\d{11}'", "8 weights are for 9 digits"),
    ("# person_pattern = '\\d{11}'", "person_pattern = '[1-9]\\d{8}'", "matches every identifier"),
    ("# person_pattern = '\\d{11}'", "person_pattern = '\\d+'", "matches every identifier"),
    (
        "\"m.plaza.example\"]",
        "\"m.plaza.example\"]\nhost_pattern = '(?:.*\\.)?facebook\\.com'",
        "`host_pattern` matches",
    ),
    ("'^[a-z0-9_]+$'", "'^[A-Z0-9_]+$'", "handles are folded to"),
    ("pattern = '[1-9]\\d{8}'", "pattern = '[1-9]\\d{2}-\\d{6}'", "are removed before matching"),
    ("id_url = \"https://plaza.example/group/{id}\"\n", "", "there is no `id_url`"),
    ("parent = \"xy\"\nname = \"First", "name = \"First", "has no parent, but is not a country"),
    (
        "kind = \"REGION\"\nparent = \"xy\"\nname = \"First",
        "kind = \"COUNTRY\"\nparent = \"xy\"\nname = \"First",
        "is a country, but lies in",
    ),
    ("code = \"HEALTH\"", "code = \"HE ALTH\"", "its code must have only Latin letters"),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = '.*plaza\\.example'\nhosts = [\"plaza.example\"",
        "which anyone can register",
    ),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = '[a-z]+.plaza.example'\nhosts = [\"plaza.example\"",
        "which anyone can register",
    ),
    (
        "hosts = [\"plaza.example\"",
        "host_pattern = 'plaza\\.[a-z]+'\nhosts = [\"plaza.example\"",
        "which anyone can register",
    ),
    (
        "hosts = [\"plaza.example\"",
        "hosts = [\"plaza.example\", \"de-de.facebook.com\"",
        "also matches the `host_pattern`",
    ),
    (
        "matchers = [\n",
        "matchers = [\n    { on = \"input\", pattern = '^(?<handle>[a-z]+)$' },\n",
        "matches `ministry`",
    ),
    ("path = '^/widget$'", "path = '.*'", "must begin with `^/` and end with `$`"),
    ("path = '^/widget$'", "path = '^/widget/$'", "no trailing slash"),
    ("parameter = \"group\"", "parameter = \"?group=\"", "must be only the name"),
    ("\"about\", \"group\"", "\"about \", \"group\"", "never matches"),
    (
        "names = { fr = \"Pays\" }",
        "names = { fr = \"Pays\", FR = \"Pays\" }",
        "twice, or it is the pack's language",
    ),
    ("names = { fr = \"Pays\" }", "names = { en = \"Country\" }", "twice, or it is the pack's language"),
    ("names = { fr = \"Pays\" }", "names = { ua = \"Країна\" }", "`ua` is not a language of ISO 639-1"),
    ("language = \"en\"", "language = \"jp\"", "`jp` is not a language of ISO 639-1"),
    ("name = \"First region\"", "name = \"First\\nregion\"", "control character"),
    ("short = \"MoE\"", "short = \"Ministry of education\"", "is its own expansion"),
    ("valid_from = \"2024-01-01\"", "valid_from = \"2924-01-01\"", "is after the year 2100"),
    ("population_date = \"2025-01-01\"", "population_date = \"2205-01-01\"", "is after the year 2100"),
    ("codes = { iso = \"XY-02\" }", "codes = { ISO = \"XY-02\" }", "must be in lower case"),
    ("codes = { iso = \"XY-02\" }", "codes = { iso = \"\" }", "a code must not be empty"),
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
    ("# pad_to = 9 ", "pad_to = 9 #", "no identifier begins with 0"),
    (
        "# person_pattern = '\\d{11}'",
        "person_pattern = '\\d{3}-\\d{8}'",
        "`person_pattern`: blanks and hyphens",
    ),
    ("length = [3, 30]", "length = [3, 30], reserved = '^ADMIN'", "handles are folded to `admin`"),
    ("'^[a-z0-9_]+$', length = [3, 30]", "'^[a-z0-9_]{31,40}$', length = [3, 30]", "no handle matches both"),
    (
        "matchers = [\n",
        "matchers = [\n    { on = \"host\", pattern = '^(?<handle>[a-z]+)\\.plaza\\.example$' },\n",
        "is not a host of the platform",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"SHARE\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = 45.0, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "write 45 % as 0.45",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = -4.0, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "is negative",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[indicators]]\ncode = \"x\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = 4.5, source = \"s\" }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "is not a whole number",
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
        "must be above 0",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"VIEWS\", weight = 0.5 }, { metric = \"VIEWS\", weight = 0.5 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "is listed twice",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"LIKES\", weight = 1.0 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "`LIKES` is not a metric",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = 1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\nplatforms = [\"plazza\"]\ncomponents = [{ metric = \"VIEWS\", weight = 1.0 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "has the platform `plazza`",
    ),
    (
        "[[abbreviations]]\nshort = \"MoE\"",
        "[[methodologies]]\ncode = \"x\"\nname = \"X\"\nversion = -1\nvalid_from = \"2024-01-01\"\n\n[methodologies.terms]\nrated = \"PAGES\"\ncomponents = [{ metric = \"VIEWS\", weight = 1.0 }]\n\n[[abbreviations]]\nshort = \"MoE\"",
        "`version` must be at least 1",
    ),
];

#[tokio::test]
async fn a_check_of_a_pack_reports_each_mistake_with_its_entry() {
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
async fn an_entry_that_was_filled_in_is_no_longer_noted_as_invented() {
    let notes = |text: &str| {
        let file = pack::PackFile::parse(text).expect("a pack that can be read");
        pack::check(&file).expect("checked").notes.join("\n")
    };
    let text =
        pack::template("xy").replace("First region", "Oslo").replace("plaza.example", "torget.example");
    let text = text.replace("Act No. 1 of 1 January 2024", "Act No. 10 of 2017");
    let noted = notes(&text);
    for entry in ["territory `xy-01`", "platform `plaza`", "obligation `xy-official-pages`"] {
        assert!(!noted.contains(entry), "{noted}");
    }
    assert!(noted.contains("territory `xy-02`") && noted.contains("scheme `xy:orgnr`"), "{noted}");
}

#[tokio::test]
async fn a_check_reports_what_is_wrong_in_more_than_one_place() {
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
    assert!(problems(&[by_host, star]).contains("`www.plaza.example` resolves to the page"));
    let nested = ("'^[a-z0-9_]+$'", "'^(?:[a-z0-9_]{1,64}){1,64}$'");
    assert!(problems(&[nested]).is_empty(), "repetitions of repetitions are tried within bounds");
}
