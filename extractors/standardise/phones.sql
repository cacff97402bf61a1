-- Telephone numbers (domain section 1.5).

-- The first of several numbers, country code away; null if it is no number at all.
CREATE MACRO clean_phone(s) AS list_transform([regexp_replace(
        regexp_extract(regexp_replace(fold_widths(s), '[ ''"‘’]+', '', 'g'), '^[^/,;、|]*[0-9*][^/,;、|]*', 0),
        '[-‐‑‒–—―−()]+|\.0$', '', 'g')],
    lambda number_: CASE
        WHEN NOT regexp_full_match(number_, '[+0-9*]{3,25}') THEN NULL
        WHEN regexp_full_match(number_, '(?:\+?86|0086|\+)?0?1[0-9]{10}') THEN right(number_, 11)
        ELSE regexp_replace(number_, '^(?:\+?86|0086)0?([1-9][0-9]{8,10})$', '0\1') END)[1];
CREATE MACRO std_phone(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '1[0-9]{10}') THEN s::VARCHAR
    ELSE clean_phone(s::VARCHAR) END;

-- Of a received or standard number: LEN, CHARS, PREFIX (no mobile begins so), NOT_ISSUED (142 143 154 161 164 194, as of
-- 2022), PLACEHOLDER, MASKED; empty: valid.
CREATE MACRO mobile_reasons(c) AS CASE
    WHEN regexp_matches(c, '^1[3-9][0-9](?:0{8}|1{8}|2{8}|3{8}|4{8}|5{8}|6{8}|7{8}|8{8}|9{8})$') THEN ['PLACEHOLDER']
    WHEN substr(c, 1, 3) IN ('142', '143', '154', '161', '164', '194') THEN ['NOT_ISSUED']
    ELSE []::VARCHAR[] END;
CREATE MACRO is_mobile(s) AS regexp_full_match(s, '1[3-9][0-9]{9}');
CREATE MACRO phone_reasons(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN is_mobile(s::VARCHAR) THEN mobile_reasons(s::VARCHAR)
    ELSE list_transform([{'number': std_phone(s), 'received': std_text(s)}], lambda phone_: CASE
        WHEN phone_.received IS NULL THEN NULL
        WHEN phone_.number IS NULL THEN CASE WHEN is_empty_word(phone_.received) THEN ['PLACEHOLDER'] ELSE ['CHARS'] END
        WHEN is_mobile(phone_.number) THEN mobile_reasons(phone_.number)
        WHEN is_placeholder_number(phone_.number) THEN ['PLACEHOLDER']
        WHEN regexp_matches(phone_.number, '\*') THEN ['MASKED']
        WHEN regexp_full_match(phone_.number, '0[1-9][0-9]{8,10}|[2-8][0-9]{6,7}|[48]00[0-9]{7}') THEN []::VARCHAR[]
        WHEN NOT regexp_full_match(phone_.number, '[0-9]+') THEN ['CHARS']
        WHEN length(phone_.number) = 11 THEN ['PREFIX']
        ELSE ['LEN'] END)[1] END;
