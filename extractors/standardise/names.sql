-- Names of persons (domain section 3): display form, flags, match key, pinyin.

-- Characters that stand for the interpunct fold to U+00B7; so do dots and hyphens in a name without Latin letters or digits.
CREATE MACRO fold_interpuncts(t) AS CASE
    WHEN regexp_matches(t, '[A-Za-z0-9]') THEN regexp_replace(t, '[•・･‧∙⋅●᛫ꞏ⸱·․。﹒]+', '·', 'g')
    ELSE regexp_replace(t, '[•・･‧∙⋅●᛫ꞏ⸱·․。﹒.\-‐‑–—−]+', '·', 'g') END;

-- Blanks stay only between Latin words.
CREATE MACRO drop_blanks(t) AS CASE
    WHEN regexp_matches(t, ' ') THEN trim(regexp_replace(regexp_replace(t, ' +', ' ', 'g'),
        ' ?([^A-Za-zÀ-ɏ ,.''/-]) ?', '\1', 'g'))
    ELSE t END;
CREATE MACRO clean_name(s) AS list_transform(list_transform([regexp_replace(fold_widths(s), '["“”`]+', '', 'g')],
    lambda text_: fold_interpuncts(text_)),
    lambda text_: trim(regexp_replace(drop_blanks(text_), '·+', '·', 'g'), '· '))[1];
CREATE MACRO is_han_name(s) AS regexp_full_match(s, '[\x{4E00}-\x{9FFF}]+');

-- Words that stand for no name give null.
CREATE MACRO is_no_name(t) AS t = '' OR is_empty_word(t) OR t IN ('某', '某某', '某某某', '无名', '无名氏', '佚名', '姓名');
CREATE MACRO std_name(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[\x{4E00}-\x{9FFF}]{2,4}') THEN CASE WHEN NOT is_no_name(s::VARCHAR) THEN s::VARCHAR END
    ELSE list_transform([clean_name(s::VARCHAR)], lambda name_: CASE WHEN NOT is_no_name(name_) THEN name_ END)[1] END;

-- What stands in a name field beside a plain name. MASKED, PLACEHOLDER_CHAR, LATIN, DIGIT, NOTE, CHILD_OF, PRIVATE_USE,
-- EMPTY_WORD, BROKEN_TEXT (lost encoding), NUMBER (an identity or phone number), EMPTY.
CREATE MACRO name_flags(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN is_han_name(s::VARCHAR) AND NOT regexp_matches(s::VARCHAR, $NOTE_WORDS || '|锟|斤拷|之[子女妻夫父母]$|^(?:某+|佚名|姓名|测试|略)$|无|不详|未|没有|待|空|缺') THEN []::VARCHAR[]
    ELSE list_transform([clean_name(s::VARCHAR)], lambda name_: list_filter([
        CASE WHEN name_ = '' THEN 'EMPTY' END,
        CASE WHEN regexp_matches(name_, '\p{Han}[*]|[*]\p{Han}') THEN 'MASKED' END,
        CASE WHEN regexp_matches(name_, '[?□■〓▢◻◼\x{25A1}]') THEN 'PLACEHOLDER_CHAR' END,
        CASE WHEN regexp_matches(name_, '[A-Za-zÀ-ɏ]') THEN 'LATIN' END,
        CASE WHEN regexp_matches(name_, '[0-9]') THEN 'DIGIT' END,
        CASE WHEN regexp_matches(name_, '[()\[\]<>{}【】《》]') OR regexp_matches(name_, $NOTE_WORDS) THEN 'NOTE' END,
        CASE WHEN regexp_matches(name_, '\p{Han}{2,}之[长次大二三]?[子女妻夫父母]$') THEN 'CHILD_OF' END,
        CASE WHEN regexp_matches(name_, '[\x{E000}-\x{F8FF}\x{F0000}-\x{10FFFD}]') THEN 'PRIVATE_USE' END,
        CASE WHEN name_ <> '' AND is_no_name(name_) THEN 'EMPTY_WORD' END,
        CASE WHEN regexp_matches(name_, '锟斤拷|锟斤|斤拷|\x{FFFD}|ï¿½|烫烫烫|屯屯屯') THEN 'BROKEN_TEXT' END,
        CASE WHEN regexp_matches(name_, '[0-9]{6}') THEN 'NUMBER' END], lambda flag_: flag_ IS NOT NULL))[1] END;

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

-- Match key, never shown: notes away, variants and traditional forms folded, interpunct dropped, Latin words in upper case
-- and in order of the alphabet. Lossy: for candidates and agreement, not for display.
CREATE MACRO name_key(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[\x{4E00}-\x{9FFF}]{1,4}') AND NOT regexp_matches(s::VARCHAR, $FOLDED || '|' || $NOTE_WORDS || '|^.?(?:无|不详|未|没有|待|某|姓名|佚名|空|缺|略)')
        THEN s::VARCHAR
    ELSE list_transform([CASE
            WHEN regexp_matches(s::VARCHAR, $FOLDED) OR regexp_matches(s::VARCHAR, '[\x{2E80}-\x{2FDF}\x{3400}-\x{4DBF}\x{E000}-\x{FAFF}\x{20000}-\x{3FFFF}]')
            THEN fold_variants(core_name(s)) ELSE core_name(s) END], lambda core_: CASE
        WHEN regexp_full_match(core_, '[A-Za-zÀ-ɏ ,.''/·-]+') THEN latin_key(core_)
        ELSE nullif(upper(plain_latin(regexp_replace(core_, '[· ,.''/-]+', '', 'g'))), '') END)[1] END;

-- Pinyin without tones, a blank between syllables, the first character read as a surname (单 shan, 万俟 mo qi); Latin text in
-- lower case as it stands. The usual name, whose characters have one reading each, is spoken at once.
CREATE MACRO syllables(t) AS trim(regexp_replace(array_to_string(list_transform(string_split(t, ''), lambda ch_, i_:
    coalesce(' ' || coalesce(CASE WHEN i_ = 1 THEN surname_reading(ch_) END, reading(ch_)) || ' ', lower(strip_accents(ch_)))), ''),
    '[· ,./''-]+', ' ', 'g'));
CREATE MACRO slow_pinyin(s) AS list_transform([syllables(core_name(s))], lambda spoken_: CASE
    WHEN regexp_matches(s, '^[ \x{3000}]*(?:万俟|单于)')
    THEN regexp_replace(regexp_replace(spoken_, '^wan \w+', 'mo qi'), '^shan yu\b', 'chan yu')
    ELSE nullif(spoken_, '') END)[1];
CREATE MACRO name_pinyin(s) AS nullif(coalesce(
    CASE WHEN NOT regexp_full_match(s::VARCHAR, '[\x{4E00}-\x{9FA5}]{1,4}') OR regexp_matches(s::VARCHAR, $NOTE_WORDS
        || '|^(?:' || $SURNAMES || ')|^.?(?:无|不详|未|没有|待|某|姓名|佚名|空|缺|略)|[兙兡嗧桛烪瓧瓰瓱瓼甅]')
    THEN coalesce(slow_pinyin(s::VARCHAR), '') END,
    concat_ws(' ', reading(s[1]), reading(s[2]), reading(s[3]), reading(s[4]))), '');
