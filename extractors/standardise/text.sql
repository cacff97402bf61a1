-- Cleaning shared by all topics. Nothing here guesses: characters that carry no content go, forms of one character are folded.

-- Full-width letters, digits and signs to half width, the ideographic blank to ' '; nothing else changed.
CREATE MACRO half_width(s) AS CASE WHEN regexp_matches(s, '[！-～　]') THEN translate(s, $WIDE, $NARROW) ELSE s END;

-- Invisible characters away, line ends and other kinds of blank to ' '.
CREATE MACRO drop_invisible(s) AS CASE
    WHEN regexp_matches(s, '[\p{Cc}\p{Cf}\p{Z}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}]') THEN
        regexp_replace(regexp_replace(s, '[\t-\r\p{Z}]', ' ', 'g'), '[\p{Cc}\p{Cf}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}]+', '', 'g')
    ELSE s END;

-- Kangxi radicals and repairable private-use characters to ordinary ones (NFC turns compatibility ideographs by itself).
CREATE MACRO repair_characters(s) AS CASE
    WHEN regexp_matches(s, '[\x{2E80}-\x{2FDF}\x{E000}-\x{F8FF}]') THEN translate(s, $ODD, $USUAL) ELSE s END;

-- All of these: what domain section 3 calls the standard form, before the rules of a field. NFC comes last, because what the
-- others give may compose; it would end a text at a NUL, were that not gone by then.
-- A one-element list_transform binds a value once; without it each macro would copy the text of the one inside it.
CREATE MACRO fold_widths(s) AS list_transform(list_transform(list_transform([drop_invisible(s)],
    lambda text_: repair_characters(text_)), lambda text_: half_width(text_)), lambda text_: nfc_normalize(text_))[1];

-- Text whose form needs no work: printable ASCII without outer or double blanks, Han characters.
CREATE MACRO is_plain(s) AS regexp_full_match(s, '[!-~\x{4E00}-\x{9FFF}]+');

-- Display form of any text: widths folded, blanks trimmed and single; blank text is null.
CREATE MACRO std_text(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN is_plain(s::VARCHAR) THEN s::VARCHAR
    ELSE nullif(trim(regexp_replace(fold_widths(s::VARCHAR), ' +', ' ', 'g')), '') END;

-- Text without any blank, upper case: the form of numbers and codes before their own rules.
CREATE MACRO bare_text(s) AS upper(regexp_replace(fold_widths(s), '[ ''"`‘’“”′=＇＂]+', '', 'g'));

-- Words that say 'nothing known' in any field.
CREATE MACRO is_empty_word(t) AS regexp_full_match(t, '(?i)(?:无|不详|暂无|未知|没有|空|缺|待补|待定|待查|不明|未提供|未填写?|未登记|无此人|'
    || '无身份证|无证件|不清楚|暂缺|略|测试|[-/—.?_~]+|NULL|NONE|NAN|N/?A|NIL|UNKNOWN|TEST|#N/A|#VALUE!|#REF!|\(空白\))(?:号码?)?');
CREATE MACRO is_placeholder_number(c) AS
    regexp_full_match(c, '0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|X{2,}|12345678901234567X')
    OR (length(c) >= 6 AND starts_with('12345678901234567890', c)) OR is_empty_word(c);

-- Form of a unified social credit code, not its checks (GB 32100-2015).
CREATE MACRO is_uscc_form(c) AS regexp_full_match(c, '[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}');

-- Place of a character in its alphabet of 31 (no I, O, S, V, Z), from 0, and the check character over the first 17.
CREATE MACRO uscc_digit(c, i) AS strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(c, i, 1)) - 1;
CREATE MACRO uscc_check_character(c) AS substr('0123456789ABCDEFGHJKLMNPQRTUWXY', (31 - (
    uscc_digit(c, 1) * 1 + uscc_digit(c, 2) * 3 + uscc_digit(c, 3) * 9 + uscc_digit(c, 4) * 27 + uscc_digit(c, 5) * 19
    + uscc_digit(c, 6) * 26 + uscc_digit(c, 7) * 16 + uscc_digit(c, 8) * 17 + uscc_digit(c, 9) * 20
    + uscc_digit(c, 10) * 29 + uscc_digit(c, 11) * 25 + uscc_digit(c, 12) * 13 + uscc_digit(c, 13) * 8
    + uscc_digit(c, 14) * 24 + uscc_digit(c, 15) * 10 + uscc_digit(c, 16) * 30 + uscc_digit(c, 17) * 28) % 31) % 31 + 1, 1);
