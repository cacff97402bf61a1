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

-- Words that may be a note or stand for no name: only names with one of them are looked at closely.
CREATE MACRO has_name_words(s) AS regexp_matches(s, $NOTE_WORDS || '|锟|斤拷|之[子女妻夫父母]$|^(?:某+|佚名|姓名|测试|略)$|无|不详|未|没有|待|空|缺');

-- What stands in a name field beside a plain name. MASKED, PLACEHOLDER_CHAR, LATIN, DIGIT, NOTE, CHILD_OF, PRIVATE_USE,
-- EMPTY_WORD, BROKEN_TEXT (lost encoding), NUMBER (an identity or phone number), EMPTY.
CREATE MACRO name_flags(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN is_han_name(s::VARCHAR) AND NOT has_name_words(s::VARCHAR) THEN []::VARCHAR[]
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
