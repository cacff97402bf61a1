-- Dates and times in the mixed forms of department files (domain section 6, defect 'date forms mixed').

CREATE MACRO day_of(year, month, day) AS try_strptime(
    lpad(year, 4, '0') || lpad(month, 2, '0') || lpad(day, 2, '0'), '%Y%m%d')::DATE;
CREATE MACRO day_from_parts(p) AS CASE WHEN p[3] IS NOT NULL AND length(p[1]) = 4 THEN day_of(p[1], p[2], p[3]) END;

-- 'no date known' and 'no end': both have no day, the reason tells them apart.
CREATE MACRO is_unknown_date(t) AS regexp_full_match(t, '(?:1900[-/.]?0?1[-/.]?0?[01]|0001-?01-?01|0000[-/]?00[-/]?00|1899-12-30|0)(?:[T ][0:.]+)?')
    OR is_empty_word(t);
CREATE MACRO is_open_end(t) AS regexp_full_match(t, '(?:9999|2999|2099)[-/.年]?12[-/.月]?31日?(?: [0-9:]+)?|长期(?:有效)?|永久|永久有效');
CREATE MACRO clean_date(s) AS nullif(trim(regexp_replace(fold_widths(s), '[ ''"‘’]+', ' ', 'g')), '');

-- Two-digit years above `newest` (two digits) turn to the last century: this year's, or of days that lie ahead, $YY_AHEAD.
CREATE MACRO english_date(t, newest := '$YY') AS list_transform(
    [regexp_extract(t, '^([0-9]{1,2})[-/ ]?([A-Z]{3})[A-Z]*[-/ ,]*([0-9]{4}|[0-9]{2})', ['day', 'month', 'year'])],
    lambda p: day_of(
        CASE WHEN length(p.year) = 4 THEN p.year WHEN p.year <= newest THEN '20' || p.year ELSE '19' || p.year END,
        (strpos('JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC', p.month) // 3 + 1)::VARCHAR, p.day))[1];
CREATE MACRO chinese_number(t) AS CASE
    WHEN length(t) = 1 THEN CASE t WHEN '十' THEN '10' WHEN '廿' THEN '20' WHEN '卅' THEN '30' ELSE translate(t, '〇零○Ο一二三四五六七八九', '0000123456789') END
    WHEN regexp_full_match(t, '十.') THEN '1' || translate(substr(t, 2), '一二三四五六七八九', '123456789')
    WHEN regexp_full_match(t, '.十') THEN translate(substr(t, 1, 1), '一二三四五六七八九', '123456789') || '0'
    WHEN regexp_full_match(t, '.十.') THEN translate(substr(t, 1, 1) || substr(t, 3), '一二三四五六七八九', '123456789')
    WHEN regexp_full_match(t, '廿.?') THEN '2' || coalesce(nullif(translate(substr(t, 2), '一二三四五六七八九', '123456789'), ''), '0')
    WHEN regexp_full_match(t, '卅.?') THEN '3' || coalesce(nullif(translate(substr(t, 2), '一二三四五六七八九', '123456789'), ''), '0')
    ELSE translate(t, '〇零○Ο一二三四五六七八九', '0000123456789') END;
CREATE MACRO chinese_date(t) AS day_of(translate(substr(t, 1, 4), '〇零○Ο一二三四五六七八九', '0000123456789'),
    chinese_number(regexp_extract(t, '年(.*)月', 1)), chinese_number(regexp_extract(t, '月(.*?)日?$', 1)));
CREATE MACRO parse_date(t, newest := '$YY') AS CASE
    WHEN is_unknown_date(t) OR is_open_end(t) THEN NULL
    WHEN regexp_full_match(t, '[0-9]{8}(?:[0-9]{6})?') THEN try_strptime(substr(t, 1, 8), '%Y%m%d')::DATE
    WHEN regexp_full_match(t, '[0-9]{4} ?[-/.年_ ] ?[0-9]{1,2} ?[-/.月_ ] ?[0-9]{1,2} ?[日号]?(?:[T ]?' || $CLOCK || ')?')
        THEN day_from_parts(regexp_extract_all(t, '[0-9]+'))
    WHEN regexp_full_match(t, '[0-9]{5}(?:\.[0-9]*)?') AND t BETWEEN '10000' AND '73050.9'
        THEN DATE '1899-12-30' + TRY_CAST(substr(t, 1, 5) AS INTEGER)
    WHEN regexp_full_match(t, '(?i)[0-9]{1,2}[-/ ]?(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*[-/ ,]*(?:[0-9]{4}|[0-9]{2})(?: ' || $CLOCK || ')?')
        THEN english_date(upper(t), newest)
    WHEN regexp_full_match(t, '[〇零○Ο一二三四五六七八九]{4}年[一二三四五六七八九十〇零]{1,2}月[一二三四五六七八九十廿卅〇零]{1,3}日?')
        THEN chinese_date(t) END;

-- A time of day that is not read leaves no stamp: midnight would be a guess. Greenwich time is turned to Beijing time.
CREATE MACRO is_greenwich(t) AS regexp_matches(t, '[0-9](?:Z|\+00:?00)$');
CREATE MACRO seconds_of(hour, minute, second) AS CASE
    WHEN hour = '' THEN 0
    WHEN TRY_CAST(hour AS BIGINT) < 24 AND TRY_CAST(minute AS BIGINT) < 60 AND coalesce(TRY_CAST(second AS BIGINT), 0) < 60
    THEN TRY_CAST(hour AS BIGINT) * 3600 + TRY_CAST(minute AS BIGINT) * 60 + coalesce(TRY_CAST(second AS BIGINT), 0) END;
CREATE MACRO parse_timestamp(t) AS CASE
    WHEN regexp_full_match(t, '[0-9]{14}') THEN try_strptime(t, '%Y%m%d%H%M%S')
    WHEN regexp_full_match(t, '[0-9]{12}') AND t > '19' THEN try_strptime(t, '%Y%m%d%H%M')
    WHEN regexp_full_match(t, '[0-9]{5}\.[0-9]+') THEN parse_date(t)::TIMESTAMP
        + to_seconds(round((TRY_CAST(t AS DOUBLE) % 1) * 86400)::BIGINT)
    ELSE list_transform([regexp_extract(t, '^(.*?[0-9日号])(?:[T ]? ?([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.[0-9]+)?)?[分秒]?(Z|\+0[08]:?00)?)?$',
            ['day', 'hour', 'minute', 'second', 'zone'])], lambda p: CASE WHEN NOT regexp_matches(p.day, '[:时点]') THEN parse_date(p.day)::TIMESTAMP
        + to_seconds(seconds_of(p.hour, p.minute, p.second) + CASE WHEN is_greenwich('0' || p.zone) THEN 28800 ELSE 0 END) END)[1] END;

-- The day, null where none is known or there is no such day; date_reasons says why.
CREATE MACRO std_date_upto(s, newest) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '(?:19|20)[0-9]{6}') AND s::VARCHAR NOT IN ('19000101', '20991231')
        THEN try_strptime(s::VARCHAR, '%Y%m%d')::DATE
    WHEN regexp_full_match(s::VARCHAR, '(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}') AND s::VARCHAR NOT IN ('1900-01-01', '2099-12-31')
        THEN TRY_CAST(s::VARCHAR AS DATE)
    ELSE list_transform([clean_date(s::VARCHAR)], lambda t:
        CASE WHEN is_greenwich(t) THEN parse_timestamp(t)::DATE ELSE parse_date(t, newest) END)[1] END;
CREATE MACRO std_date(s) AS std_date_upto(s, '$YY');
CREATE MACRO std_date_ahead(s) AS std_date_upto(s, '$YY_AHEAD');

-- PLACEHOLDER (00000000, 19000101, 无), NO_END (99991231, 长期), NO_SUCH_DAY, UNREADABLE (not a date), TWO_DIGIT_YEAR (a day
-- whose century was not said); empty: a day.
CREATE MACRO date_reasons_of(s, day) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN day IS NOT NULL THEN CASE
        WHEN regexp_matches(s::VARCHAR, '(?i)[A-Z]{3}[-/ ,]*[0-9]{2}(?:[^0-9]|$)') AND NOT regexp_matches(s::VARCHAR, '[0-9]{4}')
        THEN ['TWO_DIGIT_YEAR'] ELSE []::VARCHAR[] END
    ELSE list_transform([clean_date(s::VARCHAR)], lambda t: CASE
        WHEN t IS NULL THEN NULL
        WHEN is_unknown_date(t) THEN ['PLACEHOLDER']
        WHEN is_open_end(t) THEN ['NO_END']
        WHEN regexp_full_match(t, '[0-9]{8}(?:[0-9]{6})?|[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?.*') THEN ['NO_SUCH_DAY']
        ELSE ['UNREADABLE'] END)[1] END;
CREATE MACRO date_reasons(s) AS date_reasons_of(s, std_date(s));
-- Time of a stamp of 14 digits, ISO form (with T, fraction; Z is turned to Beijing time), or an Excel day with a fraction.
CREATE MACRO std_timestamp(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '(?:19|20)[0-9]{12}') THEN try_strptime(s::VARCHAR, '%Y%m%d%H%M%S')
    WHEN regexp_full_match(s::VARCHAR, '(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?')
        THEN TRY_CAST(replace(s::VARCHAR, 'T', ' ') AS TIMESTAMP)
    ELSE list_transform([clean_date(s::VARCHAR)], lambda t: parse_timestamp(t))[1] END;
