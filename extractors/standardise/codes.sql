-- Codes of national tables: sources send codes, names or both (domain section 2). Unmapped values give null, never a guess.

CREATE MACRO find_code(code_table, t) AS coalesce(code_of(code_table || ':' || t), code_of(code_table || ':' || ltrim(t, '0')));
CREATE MACRO code_text(s) AS upper(regexp_replace(fold_widths(s), ' +', '', 'g'));

-- A code and a name together ('1-男') count if they do not contradict each other.
CREATE MACRO std_code(code_table, s) AS CASE
    WHEN s IS NULL THEN NULL
    ELSE coalesce(code_of(code_table || ':' || s::VARCHAR), list_transform([code_text(s::VARCHAR)], lambda text_: coalesce(
        find_code(code_table, text_),
        list_transform([regexp_extract(text_, '^([0-9A-Z]+)[-:.、|/_(]*([^0-9A-Z()]+)\)?$', ['code', 'name'])], lambda pair_: CASE
            WHEN pair_.code = '' THEN NULL
            WHEN find_code(code_table, pair_.code) = find_code(code_table, pair_.name) THEN find_code(code_table, pair_.code) END)[1]))[1]) END;
CREATE MACRO std_sex(s) AS std_code('sex', s);
CREATE MACRO std_ethnicity(s) AS std_code('ethnicity', s);

-- Division as six digits: longer statistics codes cut, names of Sichuan places found; other text is null.
CREATE MACRO std_area(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[1-9][0-9]{5}') THEN s::VARCHAR
    ELSE list_transform([bare_text(s::VARCHAR)], lambda t: CASE
        WHEN regexp_full_match(t, '[1-9][0-9]{5}(?:[0-9]{3}|[0-9]{6})?(?:\.0+)?') THEN substr(t, 1, 6)
        WHEN regexp_full_match(t, '[1-9][0-9]{5}[-(:]?[^0-9]+') THEN substr(t, 1, 6)
        WHEN regexp_full_match(t, '[1-9][0-9]{3}') THEN t || '00'
        ELSE coalesce(place_code(t), place_code(regexp_replace(t, '^(?:中国)?(?:四川省?)', ''))) END)[1] END;

-- DIVISION: six digits that never were a code of GB/T 2260 since 1984.
CREATE MACRO area_reasons(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN division_end(c) >= '1984' THEN []::VARCHAR[]
    ELSE ['DIVISION'] END;

-- Today's code of a division; itself if it never changed or is not known.
CREATE MACRO current_area(c) AS coalesce(division_successor(c), c);
