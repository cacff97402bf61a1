-- Codes of national tables: sources send codes, names or both (domain section 2). Unmapped values give null, never a guess.

-- Numbers may have lost or gained a leading zero.
CREATE MACRO find_code(code_table, t) AS list_filter(list_transform(
    [t, ltrim(t, '0'), CASE WHEN length(t) = 1 THEN '0' || t END], lambda way_: code_of(code_table || ':' || way_)),
    lambda code_: code_ IS NOT NULL)[1];
CREATE MACRO code_text(s) AS upper(regexp_replace(fold_widths(s), ' +', '', 'g'));

-- A code and a name together ('1-男') count if they do not contradict each other.
CREATE MACRO code_words(t) AS list_transform(
    [regexp_extract(t, '^([0-9A-Z]+)[-:.、|/_(]*([^0-9A-Z()]+)\)?$', ['code', 'name'])], lambda pair_: [t, pair_.code, pair_.name])[1];
CREATE MACRO clean_code(code_table, s) AS list_transform(
    [list_transform(list_transform([code_text(s)], lambda text_: code_words(text_))[1], lambda word_: find_code(code_table, word_))],
    lambda found_: coalesce(found_[1], CASE WHEN found_[2] = found_[3] THEN found_[2] END))[1];
CREATE MACRO std_code(code_table, s) AS CASE
    WHEN s IS NULL THEN NULL
    ELSE coalesce(code_of(code_table || ':' || s::VARCHAR), clean_code(code_table, s::VARCHAR)) END;
CREATE MACRO std_sex(s) AS CASE WHEN s IN ('1', '2') THEN s::VARCHAR ELSE std_code('sex', s) END;
CREATE MACRO std_ethnicity(s) AS CASE WHEN s IN ('01', '07', '04', '33') THEN s::VARCHAR ELSE std_code('ethnicity', s) END;

-- Division as six digits that are or were a code of GB/T 2260: longer statistics codes cut, names of places found by
-- code_of_place (whole path, or a name that only one place has); anything else is null.
CREATE MACRO clean_area(s) AS list_transform([bare_text(s)], lambda text_: CASE
    WHEN regexp_full_match(text_, '[1-9][0-9]{5}(?:[0-9]{3}|[0-9]{6})?(?:\.0+)?|[1-9][0-9]{5}[-_:(]?[^0-9]+')
        THEN CASE WHEN division_end(substr(text_, 1, 6)) IS NOT NULL THEN substr(text_, 1, 6) END
    WHEN regexp_full_match(text_, '[1-9][0-9](?:[0-9]{2})?')
        THEN CASE WHEN division_end(rpad(text_, 6, '0')) IS NOT NULL THEN rpad(text_, 6, '0') END
    ELSE code_of_place(regexp_replace(text_, '[-/>·、,|]', '', 'g')) END)[1];
CREATE MACRO std_area(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '51[0-9]{4}') AND division_end(s::VARCHAR) IS NOT NULL THEN s::VARCHAR
    ELSE clean_area(s::VARCHAR) END;

-- DIVISION: not a code of GB/T 2260 since 1984.
CREATE MACRO area_reasons(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN division_end(c) >= '1984' THEN []::VARCHAR[]
    ELSE ['DIVISION'] END;

-- Today's code of a division; itself if it never changed or is not known.
CREATE MACRO current_area(c) AS coalesce(division_successor(c), c);
