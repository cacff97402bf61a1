-- Parsed parts and match key of addresses (domain section 5).

-- Number words before a unit of an address as Arabic numerals: 三组 -> 3组, 一百二十一号 -> 121号; names of places stay (三圣街道).
CREATE MACRO numeral_words(t) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(translate(t, '一二三四五六七八九〇零', '12345678900'),
    '([1-9])百([1-9])十([1-9])', '\1\2\3'), '([1-9])百([1-9])十', '\1\20'), '([1-9])百0?([1-9])', '\10\2'), '([1-9])百', '\100'),
    '([1-9])十([1-9])', '\1\2'), '([1-9])十', '\10'), '十([1-9])', '1\1'), '十', '10');
CREATE MACRO address_numerals(t) AS CASE
    WHEN regexp_matches(t, '[一二三四五六七八九十百〇零][组社号栋幢座楼单室段]') THEN array_to_string(list_transform(
        string_split(regexp_replace(t, '([一二三四五六七八九十百〇零]+)([组社号栋幢座楼单室段])', '␞\1␟\2', 'g'), '␞'),
        lambda piece_: CASE WHEN contains(piece_, '␟')
            THEN numeral_words(split_part(piece_, '␟', 1)) || split_part(piece_, '␟', 2) ELSE piece_ END), '')
    ELSE t END;

-- 3-2-501 at the end as building, unit and room; one word for a building, one for a group.
CREATE MACRO address_words(t) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(t,
        '([^0-9])([0-9]{1,3})[-#]([0-9]{1,2})[-#]([0-9]{1,4})(?:号|室)?$', '\1\2栋\3单元\4号'),
        '([0-9A-Za-z甲乙丙丁])(?:[幢座]|号楼)', '\1栋', 'g'),
        '([0-9])社', '\1组', 'g'),
        '([0-9])室', '\1号', 'g');
CREATE MACRO address_plain(t) AS list_transform(list_transform(list_transform([fold_text(t)],
    lambda text_: place_plain(text_)), lambda text_: address_numerals(text_)), lambda text_: address_words(text_))[1];

-- Province, prefecture and county in front, each of which senders leave out.
CREATE MACRO address_head(t) AS regexp_extract(t, $LEVELS, 0);
CREATE MACRO address_tail(t) AS regexp_replace(t, $LEVELS, '');

-- Match key: what follows the county, without kind words; null when fewer than four characters or only numbers are left.
CREATE MACRO without_kind_words(t) AS regexp_replace(t,
    '街道办事处|街道|居民委员会|村民委员会|居委会|村委会|社区|单元|[栋号室附,.、，()（）#-]', '', 'g');
CREATE MACRO key_if_telling(t) AS CASE WHEN length(t) >= 4 AND NOT regexp_full_match(t, '[0-9A-Za-z]+') THEN t END;
CREATE MACRO address_key(s) AS list_transform(list_transform([std_address(s)],
    lambda text_: without_kind_words(address_tail(address_plain(text_)))), lambda key_: key_if_telling(key_))[1];

-- What follows the county: township and village, then what is left after them.
CREATE MACRO address_township(tail) AS regexp_extract(tail, '^([^县区市镇乡街道办]{1,8}(?:街道办事处|街道|镇|乡))', 1);
CREATE MACRO address_village(tail) AS regexp_extract(tail, '^(?:.*?(?:街道办事处|街道|镇|乡))?([^镇乡道0-9]{1,8}?(?:村民委员会|居民委员会|村委会|居委会|社区|村))', 1);
CREATE MACRO address_group(rest) AS nullif(regexp_extract(rest, '([0-9]+)组', 1), '');
CREATE MACRO address_road(rest) AS
    nullif(regexp_extract(rest, '^([^0-9]{1,8}?(?:大道|路|街|巷|胡同)(?:[东南西北中]?[0-9一二三四五六七八九]段)?)', 1), '');
CREATE MACRO address_number(rest) AS nullif(regexp_extract(rest, '(?:^|路|街|巷|道|段|组|胡同)(?:附)?([0-9]+)号', 1), '');
CREATE MACRO address_compound(rest) AS nullif(regexp_extract(rest, '([^号路街巷组0-9]{2,10}?(?:小区|花园|苑|公寓|家园|新城|广场))', 1), '');
CREATE MACRO address_building(rest) AS nullif(regexp_extract(rest, '([0-9]+)栋', 1), '');
CREATE MACRO address_unit(rest) AS nullif(regexp_extract(rest, '([0-9]+)单元', 1), '');
CREATE MACRO address_room(rest) AS nullif(regexp_extract(rest, '(?:单元|栋|层)([0-9]+)号?$', 1), '');

-- A county-level city may stand without the prefecture above it (四川省都江堰市).
CREATE MACRO address_levels(head_) AS CASE WHEN head_ IS NOT NULL THEN list_transform(list_transform([place_levels(head_)],
        lambda level_: {'level': level_, 'code': code_of_levels(level_)}), lambda place_: {
        'level': place_.level,
        'code': place_.code,
        'is_county_alone': coalesce(place_.level.county = '' AND place_.level.prefecture <> '' AND right(place_.code, 2) <> '00', false)})[1] END;
CREATE MACRO address_parts_of(head_, tail_) AS list_transform(list_transform([address_levels(head_)], lambda place_: {
        'level': place_.level,
        'code': place_.code,
        'is_county_alone': place_.is_county_alone,
        'township': address_township(tail_),
        'village': address_village(tail_)}),
    lambda found_: list_transform([substr(tail_, length(found_.township) + length(found_.village) + 1)], lambda rest_: {
        'province': nullif(found_.level.province, ''),
        'prefecture': CASE WHEN NOT found_.is_county_alone THEN nullif(found_.level.prefecture, '') END,
        'county': nullif(CASE WHEN found_.is_county_alone THEN found_.level.prefecture ELSE found_.level.county END, ''),
        'county_code': found_.code,
        'township': nullif(found_.township, ''),
        'village': nullif(found_.village, ''),
        'grp': address_group(rest_),
        'road': address_road(rest_),
        'number': address_number(rest_),
        'compound': address_compound(rest_),
        'building': address_building(rest_),
        'unit': address_unit(rest_),
        'room': address_room(rest_)})[1])[1];

-- STRUCT(province, prefecture, county, county_code, township, village, grp, road, number, compound, building, unit, room).
CREATE MACRO address_parts(s) AS list_transform(list_transform([std_address(s)], lambda text_: address_plain(text_)), lambda plain_:
    CASE WHEN plain_ IS NOT NULL THEN address_parts_of(address_head(plain_), address_tail(plain_)) END)[1];

-- address_key in steps, each over the one before and key_if_telling over the last, for addresses of plain form (long, no variants, no number words), which
-- are most. Inside a list_transform every chunk of rows compiles its regular expressions anew: steps compile them once.
CREATE MACRO address_is_plain(s) AS length(s) > 8 AND regexp_full_match(s, '[0-9A-Za-z#$UNFOLDED-]+')
    AND NOT regexp_matches(s, '[一二三四五六七八九十百〇零][组社号栋幢座楼单室段]');
CREATE MACRO address_step_0(s) AS CASE
    WHEN regexp_matches(s, '^川|^(?:四川省?)?(?:$CITIES)(?:市中区|[^省市县区州镇乡村路街道0-9])') THEN place_plain(s) ELSE s END;
CREATE MACRO address_step_1(s) AS CASE WHEN regexp_matches(s, '[-#]|[幢座]|号楼|[0-9][社室]') THEN address_words(s) ELSE s END;
CREATE MACRO address_step_2(s) AS without_kind_words(address_tail(s));

-- The division a name stood for in a year ('1990'), a county before a prefecture of the same bare name (达县); null where it
-- was nobody's then, or of several places.
CREATE MACRO place_code_on(t, year) AS list_transform([list_distinct(list_transform(
        list_filter(string_split(place_spells(t), ';'), lambda spell_: year BETWEEN substr(spell_, 1, 4) AND substr(spell_, 5, 4)),
        lambda spell_: substr(spell_, 9)))],
    lambda codes_: CASE WHEN len(codes_) = 1 THEN codes_[1]
        WHEN len(list_filter(codes_, lambda code_: right(code_, 2) <> '00')) = 1
        THEN list_filter(codes_, lambda code_: right(code_, 2) <> '00')[1] END)[1];

-- STRUCT(code, current_code, confidence): the lowest division in front of an address by the table of the record's year, the
-- division it lies in today, and how far to trust it: 1 a county of that time, 0.8 one of another time, 0.5 no county named.
CREATE MACRO address_place(s, year) AS list_transform(list_transform(list_transform(
        [place_levels(address_plain(std_address(s)))],
        lambda level_: {'level': level_, 'then': place_code_on(place_key(level_), year), 'ever': code_of_levels(level_)}),
        lambda found_: {'code': coalesce(found_.then, found_.ever), 'is_then': found_.then IS NOT NULL}),
    lambda place_: CASE WHEN place_.code IS NOT NULL THEN {
        'code': place_.code, 'current_code': current_area(place_.code),
        'confidence': CASE WHEN right(place_.code, 2) = '00' THEN 0.5 WHEN place_.is_then THEN 1.0 ELSE 0.8 END} END)[1];
