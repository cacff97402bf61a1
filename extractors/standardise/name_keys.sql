-- Match keys of names of persons: notes away, variants folded, pinyin (domain section 3). Never shown.

-- Traditional and variant characters to the simplified usual one, nothing else changed (OpenCC and variant.csv). Lossy: for keys.
CREATE MACRO fold_variants(t) AS array_to_string(list_transform(string_split(t, ''), lambda ch_: simplified_character(ch_)), '');
CREATE MACRO has_variants(s) AS regexp_matches(s, $FOLDED) OR regexp_matches(s, '[\x{3400}-\x{4DBF}\x{20000}-\x{3FFFF}]');
CREATE MACRO fold_text(s) AS CASE WHEN has_variants(s) THEN fold_variants(s) ELSE s END;

-- '(龙天)' -> 䶮: a rare character written as its two parts.
CREATE MACRO join_parts(t) AS CASE
    WHEN regexp_matches(t, '[(\[【]\p{Han}{2}[)\]】]') THEN list_transform(
        [regexp_extract(t, '^(.*?)[(\[【](\p{Han}{2})[)\]】](.*)$', ['before', 'parts', 'after'])],
        lambda cut_: coalesce(cut_.before || composed_character(cut_.parts) || cut_.after, t))[1]
    ELSE t END;

-- The name without notes, honorifics, trailing numbers; missing characters written '?', parts in brackets joined.
CREATE MACRO bare_name(t) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    join_parts(t),
    '[(\[<{【《][^)\]>}】》]*(?:[)\]>}】》]|$)', '', 'g'),
    '(?:' || $NOTE_WORDS || ')$', ''),
    '(\p{Han})[0-9]+$', '\1'),
    '[□■〓▢◻◼？]', '?', 'g'),
    '^(\p{Han}{2,})(?:先生|女士|同志|老师)$', '\1');
CREATE MACRO core_name(s) AS list_transform([std_name(s)], lambda name_:
    coalesce(nullif(trim(bare_name(name_), '· '), ''), name_))[1];
CREATE MACRO latin_words(t) AS list_filter(string_split_regex(upper(strip_accents(t)), '[ ,./·''-]+'), lambda word_: word_ <> '');
CREATE MACRO latin_key(t) AS coalesce(nullif(array_to_string(list_sort(latin_words(t)), ' '), ''), t);

-- Accents away; strip_accents would turn some signs of names (〓) to '?'.
CREATE MACRO plain_latin(t) AS CASE WHEN regexp_matches(t, '[À-ɏ\x{300}-\x{36F}Ḁ-ỿ]') THEN strip_accents(t) ELSE t END;

-- The steps of a match key behind core_name: variants folded, then interpunct dropped and Latin words in order.
CREATE MACRO core_folded(c) AS CASE
    WHEN regexp_matches(c, $FOLDED) OR regexp_matches(c, '[\x{2E80}-\x{2FDF}\x{3400}-\x{4DBF}\x{E000}-\x{FAFF}\x{20000}-\x{3FFFF}]')
    THEN fold_variants(c) ELSE c END;
CREATE MACRO core_key(c) AS CASE
    WHEN regexp_full_match(c, '[A-Za-zÀ-ɏ ,.''/·-]+') THEN latin_key(c)
    ELSE nullif(upper(plain_latin(regexp_replace(c, '[· ,.''/-]+', '', 'g'))), '') END;

-- Match key, never shown: notes away, variants and traditional forms folded, interpunct dropped, Latin words in upper case
-- and in order of the alphabet. Lossy: for candidates and agreement, not for display.
CREATE MACRO name_key(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[\x{4E00}-\x{9FFF}]{1,4}') AND NOT regexp_matches(s::VARCHAR, $FOLDED || '|' || $NOTE_WORDS || '|(?:先生|女士|同志|老师)$|^.?(?:无|不详|未|没有|待|某|姓名|佚名|空|缺|略)')
        THEN s::VARCHAR
    ELSE list_transform([core_folded(core_name(s))], lambda core_: core_key(core_))[1] END;

-- Pinyin without tones, a blank between syllables, the first character read as a surname (单 shan, 万俟 mo qi); Latin text in
-- lower case as it stands. The usual name, whose characters have one reading each, is spoken at once.
CREATE MACRO syllables(t) AS trim(regexp_replace(array_to_string(list_transform(string_split(t, ''), lambda ch_, i_:
    coalesce(' ' || coalesce(CASE WHEN i_ = 1 THEN surname_reading(ch_) END, reading(ch_)) || ' ', lower(strip_accents(ch_)))), ''),
    '[· ,./''-]+', ' ', 'g'));
CREATE MACRO spoken_core(c, spoken) AS CASE
    WHEN regexp_matches(c, '^(?:万俟|单于)')
    THEN regexp_replace(regexp_replace(spoken, '^wan \w+', 'mo qi'), '^shan yu\b', 'chan yu')
    ELSE nullif(spoken, '') END;
CREATE MACRO slow_pinyin(s) AS list_transform([core_name(s)], lambda core_: spoken_core(core_, syllables(core_)))[1];
CREATE MACRO name_pinyin(s) AS nullif(coalesce(
    CASE WHEN NOT regexp_full_match(s::VARCHAR, '[\x{4E00}-\x{9FA5}]{1,4}') OR regexp_matches(s::VARCHAR, $NOTE_WORDS
        || '|^(?:' || $SURNAMES || ')|(?:先生|女士|同志|老师)$|^.?(?:无|不详|未|没有|待|某|姓名|佚名|空|缺|略)|[兙兡嗧桛烪瓧瓰瓱瓼甅]')
    THEN coalesce(slow_pinyin(s::VARCHAR), '') END,
    concat_ws(' ', reading(s[1]), reading(s[2]), reading(s[3]), reading(s[4]))), '');

-- Names whose key is the name itself and whose characters have one reading each: nearly all. Their pinyin, spoken at once.
CREATE MACRO is_plain_name(s) AS regexp_full_match(s, '[\x{4E00}-\x{9FA5}]{1,4}')
    AND NOT regexp_matches(s, $FOLDED) AND NOT regexp_matches(s, $NOTE_WORDS
        || '|^(?:' || $SURNAMES || ')|(?:先生|女士|同志|老师)$|^.?(?:无|不详|未|没有|待|某|姓名|佚名|空|缺|略)|[兙兡嗧桛烪瓧瓰瓱瓼甅]');
CREATE MACRO plain_pinyin(s) AS
    nullif(concat_ws(' ', spoken(s[1]), spoken(s[2]), spoken(s[3]), spoken(s[4])), '');
