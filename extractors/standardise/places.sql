-- Places in front of an address or as a name of their own: province, prefecture, county (domain sections 2.1 and 5).

-- Prefectures without their kind word get it: 川成都锦江区 -> 四川成都市锦江区, 内江市中区 -> 内江市市中区.
CREATE MACRO place_plain(t) AS CASE WHEN regexp_matches(t, '^(?:四川省?|川)?(?:$CITIES|阿坝|甘孜|凉山)') THEN regexp_replace(
    regexp_replace(t, '^川', '四川'),
    '^(四川省?)?($CITIES)(市中区|[^省市县区州镇乡村路街道0-9]{1,5}[区县市])', '\1\2市\3') ELSE t END;
CREATE MACRO place_levels(t) AS regexp_extract(t, $LEVELS, ['province', 'prefecture', 'county']);

-- Today's or a former code of the lowest level there is; null where the name is unknown, not unique, or the levels disagree.
CREATE MACRO place_key(level) AS CASE
    WHEN level.county <> '' THEN regexp_replace(level.prefecture, '(?:市|地区|(?:藏族羌族|藏族|彝族)?(?:自治)?州)$', '') || level.county
    WHEN level.prefecture <> '' THEN level.prefecture
    ELSE level.province END;
CREATE MACRO code_of_levels(level) AS list_transform(list_transform([place_key(level)], lambda key_: place_code(key_)),
    lambda code_: CASE WHEN level.province = '' OR starts_with(code_, CASE WHEN level.province LIKE '四川%' THEN '51' WHEN level.province = '重庆市' THEN '50' END)
        THEN code_ END)[1];
CREATE MACRO code_of_place(t) AS list_transform(list_transform([place_plain(t)], lambda plain_:
        CASE WHEN regexp_full_match(plain_, $LEVELS) THEN place_levels(plain_) ELSE {'province': '', 'prefecture': '', 'county': plain_} END),
    lambda level_: code_of_levels(level_))[1];
