-- Telephone numbers (domain section 1.5).

CREATE MACRO clean_phone(s) AS list_transform(
    [regexp_extract(regexp_replace(fold_widths(s), '[ ''"‘’]+', '', 'g'), '^[^/,;、|]*[0-9*][^/,;、|]*', 0)],
    lambda t: nullif(regexp_replace(regexp_replace(t, '[-‐‑‒–—―−()]+', '', 'g'),
        '^(?:\+?86|0086|\+)?0?(1[0-9]{10})$', '\1'), ''))[1];
CREATE MACRO std_phone(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '1[0-9]{10}') THEN s::VARCHAR
    ELSE list_transform([clean_phone(s::VARCHAR)], lambda number_: CASE
        WHEN regexp_full_match(number_, '(?:\+?86|0086)0?[1-9][0-9]{8,10}') THEN regexp_replace(number_, '^(?:\+?86|0086)0?', '0')
        WHEN number_ IS NULL THEN nullif(trim(fold_widths(s::VARCHAR)), '')
        ELSE number_ END)[1] END;

-- LEN, CHARS, PREFIX (no mobile begins so), NOT_ISSUED (142 143 154 161 164 194 in 2022), PLACEHOLDER, MASKED; empty: valid.
CREATE MACRO phone_reasons(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s, '1[3-9][0-9]{9}') THEN CASE
        WHEN regexp_matches(s, '^1[3-9]0{9}$|^1[3-9][0-9](?:0{8}|1{8}|2{8}|3{8}|4{8}|5{8}|6{8}|7{8}|8{8}|9{8}|12345678)$') THEN ['PLACEHOLDER']
        WHEN substr(s, 1, 3) IN ('142', '143', '154', '161', '164', '194') THEN ['NOT_ISSUED']
        ELSE []::VARCHAR[] END
    WHEN is_placeholder_number(s) THEN ['PLACEHOLDER']
    WHEN regexp_matches(s, '\*') THEN ['MASKED']
    WHEN regexp_full_match(s, '0[1-9][0-9]{8,10}|[2-8][0-9]{6,7}') THEN []::VARCHAR[]
    WHEN NOT regexp_full_match(s, '[0-9]+') THEN ['CHARS']
    WHEN length(s) = 11 THEN ['PREFIX']
    ELSE ['LEN'] END;
CREATE MACRO is_mobile(s) AS regexp_full_match(s, '1[3-9][0-9]{9}');
