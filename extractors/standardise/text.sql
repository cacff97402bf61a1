-- Cleaning shared by all topics. Nothing here guesses: characters that carry no content go, forms of one character are folded.

-- Full-width forms, compatibility ideographs, Kangxi radicals and known private-use characters, one character each, to
-- ordinary ones; spaces of all kinds to ' ', invisible characters away (domain section 3, 'Standard form').
CREATE MACRO fold_widths(s) AS array_to_string(
    list_transform(
        string_split(regexp_replace(nfc_normalize(s), '[\p{Cc}\p{Cf}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}]+',
            CASE WHEN regexp_matches(s, '[\t\r\n]') THEN ' ' ELSE '' END, 'g'), ''),
        lambda ch: usual_character(ch)), '');

-- Text whose form needs no work: printable ASCII without outer or double blanks, Han characters.
CREATE MACRO is_plain(s) AS regexp_full_match(s, '[!-~\x{4E00}-\x{9FFF}]+');

-- Display form of any text: widths folded, blanks trimmed and single; blank text is null.
CREATE MACRO std_text(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN is_plain(s::VARCHAR) THEN s::VARCHAR
    ELSE nullif(trim(regexp_replace(fold_widths(s::VARCHAR), ' +', ' ', 'g')), '') END;

-- Text without any blank, upper case: the form of numbers and codes before their own rules.
CREATE MACRO bare_text(s) AS upper(regexp_replace(fold_widths(s), '[ ''"`‘’“”′=＇＂]+', '', 'g'));
