-- Numbers of persons: citizen number (GB 11643-1999), permits, passports (domain sections 1.1 and 1.3).

-- MOD 11-2 of ISO 7064 over the first 17 digits: the check character, null if they are not digits.
CREATE MACRO id_check_character(c) AS substr('10X98765432', list_transform([TRY_CAST(substr(c, 1, 17) AS BIGINT)], lambda v: (
    v // 10000000000000000 % 10 * 7 + v // 1000000000000000 % 10 * 9 + v // 100000000000000 % 10 * 10
    + v // 10000000000000 % 10 * 5 + v // 1000000000000 % 10 * 8 + v // 100000000000 % 10 * 4
    + v // 10000000000 % 10 * 2 + v // 1000000000 % 10 * 1 + v // 100000000 % 10 * 6 + v // 10000000 % 10 * 3
    + v // 1000000 % 10 * 7 + v // 100000 % 10 * 9 + v // 10000 % 10 * 10 + v // 1000 % 10 * 5
    + v // 100 % 10 * 8 + v // 10 % 10 * 4 + v % 10 * 2) % 11 + 1)[1], 1);

-- Forms of X to X, hyphens away; a final * becomes X only if X is the computed check character (domain 1.1).
CREATE MACRO clean_id(s) AS list_transform(
    [translate(regexp_replace(bare_text(s), '[-‐‑‒–—―−﹣]+', '', 'g'), '×ⅩⅹХхΧχ✕✖（）', 'XXXXXXXXX()')],
    lambda t: CASE WHEN t = '' THEN NULL
        WHEN regexp_full_match(t, '[0-9]{17}\*') AND id_check_character(t) = 'X' THEN substr(t, 1, 17) || 'X'
        ELSE t END)[1];
CREATE MACRO std_id(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[0-9A-Z]+') THEN s::VARCHAR
    ELSE clean_id(s::VARCHAR) END;

-- The kind of a cleaned number, by form only (domain 1.1 and 1.3).
CREATE MACRO id_kind(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN is_placeholder_number(c) THEN 'placeholder'
    WHEN regexp_full_match(c, '[0-9]{17}[0-9X]') THEN CASE
        WHEN c[1] = '9' THEN 'foreign18'
        WHEN substr(c, 1, 6) IN ('810000', '820000', '830000') THEN 'permit18'
        ELSE 'citizen18' END
    WHEN regexp_full_match(c, '[0-9]{15}') THEN 'citizen15'
    WHEN regexp_matches(c, '\*') OR regexp_full_match(c, '[0-9]+X{2,}[0-9X]*') THEN 'masked'
    WHEN regexp_full_match(c, '[A-Z]{3}[0-9]{12}') THEN 'foreign15'
    WHEN regexp_full_match(c, '[HM][0-9]{8}(?:[0-9]{2})?') THEN 'hm_travel'
    WHEN regexp_full_match(c, '[0-9]{8}|[0-9]{10}(?:[A-Z]|\([A-Z]\))') THEN 'tw_travel'
    WHEN regexp_full_match(c, '[A-Z][0-9]{9}') THEN 'birth_certificate'
    WHEN regexp_full_match(c, '[A-Z0-9]{6,9}') AND regexp_matches(c, '[A-Z]') AND regexp_matches(c, '[0-9]{4}')
        THEN 'passport'
    ELSE 'other' END;

-- Birth date inside a number of 18 or 15 places; null if there is no such day. 15 places: 19YY (GB 11643-1989).
CREATE MACRO id_birth_date(c) AS CASE
    WHEN regexp_full_match(c, '[0-9]{17}[0-9X]') THEN try_strptime(substr(c, 7, 8), '%Y%m%d')::DATE
    WHEN regexp_full_match(c, '[0-9]{15}') THEN try_strptime('19' || substr(c, 7, 6), '%Y%m%d')::DATE END;

-- '1' male, '2' female by the sequence: 17th place of 18, last of 15.
CREATE MACRO id_sex(c) AS CASE
    WHEN regexp_full_match(c, '[0-9]{17}[0-9X]') THEN CASE WHEN substr(c, 17, 1) IN ('1', '3', '5', '7', '9') THEN '1' ELSE '2' END
    WHEN regexp_full_match(c, '[0-9]{15}') THEN CASE WHEN substr(c, 15, 1) IN ('1', '3', '5', '7', '9') THEN '1' ELSE '2' END END;

-- A 15-place number as its 18-place candidate; none for sequences 996-999, which may belong to the 1800s (domain 1.1).
CREATE MACRO id_upgrade(c) AS CASE
    WHEN regexp_full_match(c, '[0-9]{15}') AND substr(c, 13, 3) < '996'
    THEN substr(c, 1, 6) || '19' || substr(c, 7, 9) || id_check_character(substr(c, 1, 6) || '19' || substr(c, 7, 9)) END;

-- A version of the division code was in force at some moment in [max(birth year, 1984), as_of], two years of grace at each
-- end (domain 1.1).
CREATE MACRO id_division_fits(c, birth_year) AS regexp_full_match(substr(c, 1, 6) || birth_year, $SPELLS);

-- Everything a citizen number or a permit of 18 places must satisfy on its own.
CREATE MACRO is_sound_id18(c) AS
    regexp_full_match(c, $SPELLS || '[0-9]{7}[0-9X]')
    AND id_check_character(c) = substr(c, 18, 1)
    AND try_strptime(substr(c, 7, 8), '%Y%m%d') IS NOT NULL
    AND substr(c, 7, 8) > '$OLDEST' AND substr(c, 7, 8) <= '$TODAY'
    AND substr(c, 16, 3) <> '000';

-- What is looked at is worked out before the list of reasons: an expression inside a lambda is set up anew for every 2048 rows.
CREATE MACRO id_facts(c, kind, birth, sex) AS {
    'kind': kind,
    'length': length(c),
    'born': id_birth_date(c),
    'birth': birth,
    'fits': id_division_fits(c, CASE WHEN length(c) = 18 THEN substr(c, 7, 4) ELSE '1984' END),
    'checks': NOT regexp_full_match(c, '[0-9]{17}[0-9X]') OR id_check_character(c) = substr(c, 18, 1),
    'other_sex': sex IN ('1', '2') AND id_sex(c) <> sex,
    'special': substr(c, 13, 3) >= '996',  -- of 15 places: perhaps born in the 1800s
    'signs': regexp_replace(c, '[0-9]+', '', 'g'),
    'excel': regexp_full_match(c, '[0-9]{15}000|[0-9]+(?:\.[0-9]+)?E\+?[0-9]+'),
    'foreign_form': regexp_matches(c, '\p{Han}|^(?:9[123]|[NY][1-3])[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$')};
CREATE MACRO has_id_layout(f) AS f.kind IN ('citizen18', 'citizen15', 'permit18')
    OR (f.kind = 'placeholder' AND f.signs = '' AND f.length IN (15, 18));
CREATE MACRO id_reasons_of_kind(c, kind, birth, sex) AS list_filter(list_transform([id_facts(c, kind, birth, sex)], lambda f: [
        CASE WHEN f.length NOT IN (15, 18) AND (f.kind = 'other' OR (f.kind = 'placeholder' AND rtrim(f.signs, 'X') = '')) THEN 'LEN' END,
        CASE WHEN f.kind = 'other' AND f.signs <> '' THEN 'CHARS' END,
        CASE WHEN has_id_layout(f) AND NOT f.fits THEN 'DIVISION' END,
        CASE WHEN has_id_layout(f) AND f.born IS NULL THEN 'DATE' END,
        CASE WHEN has_id_layout(f) AND f.born > DATE '$AS_OF' THEN 'FUTURE' END,
        CASE WHEN has_id_layout(f) AND f.born <= DATE '$AS_OF' - INTERVAL 121 YEAR THEN 'AGE' END,
        CASE WHEN NOT f.checks THEN 'CHECK' END,
        CASE WHEN has_id_layout(f) AND f.other_sex THEN 'SEX_MISMATCH' END,
        CASE WHEN has_id_layout(f) AND f.born <> f.birth AND NOT (f.length = 15 AND f.special) THEN 'DOB_MISMATCH' END,
        CASE WHEN f.excel THEN 'EXCEL_000' END,
        CASE WHEN f.kind = 'placeholder' THEN 'PLACEHOLDER' END,
        CASE WHEN f.kind = 'masked' THEN 'MASKED' END,
        CASE WHEN f.kind IN ('passport', 'hm_travel', 'tw_travel', 'birth_certificate') OR (f.kind = 'other' AND f.foreign_form)
            THEN 'TYPE_MISMATCH' END])[1],
    lambda reason: reason IS NOT NULL);

-- All reasons that hold, in the order of domain 1.1; empty: valid. `birth` and `sex` are standard forms or null.
CREATE MACRO id_reasons(c, birth, sex) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN is_sound_id18(c)
        AND (birth IS NULL OR try_strptime(substr(c, 7, 8), '%Y%m%d')::DATE = birth)
        AND (sex IS NULL OR sex NOT IN ('1', '2') OR (substr(c, 17, 1) IN ('1', '3', '5', '7', '9')) = (sex = '1'))
        THEN []::VARCHAR[]
    ELSE id_reasons_of_kind(c, id_kind(c), birth, sex) END;

-- Valid on its own, without birth date or sex beside it.
CREATE MACRO id_is_valid(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN is_sound_id18(c) THEN true
    WHEN regexp_full_match(c, '[1-8][0-9]{16}[0-9X]') THEN false
    ELSE len(id_reasons_of_kind(c, id_kind(c), NULL::DATE, NULL::VARCHAR)) = 0 END;
