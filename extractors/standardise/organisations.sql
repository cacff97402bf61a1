-- Numbers of enterprises: unified social credit code (GB 32100-2015), organisation code (GB 11714-1997), registration
-- number (GS 15-2006) and bank card numbers (Luhn); domain sections 1.5, 1.6, 1.7.

-- Organisation code of 8 + 1 characters, A = 10 .. Z = 35.
CREATE MACRO org_digit(c, i) AS strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(c, i, 1)) - 1;
CREATE MACRO org_check_character(c) AS substr('0123456789X', (11 - (
    org_digit(c, 1) * 3 + org_digit(c, 2) * 7 + org_digit(c, 3) * 9 + org_digit(c, 4) * 10 + org_digit(c, 5) * 5
    + org_digit(c, 6) * 8 + org_digit(c, 7) * 4 + org_digit(c, 8) * 2) % 11) % 11 + 1, 1);
CREATE MACRO clean_number(s) AS nullif(regexp_replace(bare_text(s), '[-‐‑‒–—―−﹣.·]+', '', 'g'), '');
CREATE MACRO std_uscc(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN is_uscc_form(s::VARCHAR) THEN s::VARCHAR
    ELSE clean_number(s::VARCHAR) END;
CREATE MACRO std_org_code(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[0-9A-Z]{9}') THEN s::VARCHAR
    ELSE translate(clean_number(s::VARCHAR), '×ХХ', 'XXX') END;
CREATE MACRO std_registration_no(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[0-9]{13}|[0-9]{15}') THEN s::VARCHAR
    ELSE nullif(regexp_replace(clean_number(s::VARCHAR), '号+$', ''), '') END;

-- What kind of body a code of sound form registers (domain 1.6, places 1 and 2); null for anything else.
CREATE MACRO uscc_kind(c) AS CASE WHEN is_uscc_form(c) THEN CASE substr(c, 1, 2)
    WHEN '91' THEN 'enterprise' WHEN '92' THEN 'individual_business' WHEN '93' THEN 'farmers_cooperative'
    WHEN '11' THEN 'organ' WHEN '12' THEN 'public_institution' WHEN '13' THEN 'mass_organisation' WHEN '19' THEN 'staffing_other'
    WHEN '31' THEN 'law_firm' WHEN '51' THEN 'social_association' WHEN '52' THEN 'private_non_enterprise'
    WHEN '53' THEN 'foundation' WHEN '54' THEN 'villagers_committee' WHEN '71' THEN 'religious_site' WHEN '81' THEN 'trade_union'
    WHEN 'N1' THEN 'group_collective' WHEN 'N2' THEN 'village_collective' WHEN 'N3' THEN 'township_collective'
    ELSE 'other' END END;

-- All reasons that hold: LEN, CHARS, DEPARTMENT, DIVISION (no such province), CHECK, ORG_CHECK, PLACEHOLDER, MASKED,
-- TYPE_MISMATCH (another kind of number); empty: valid.
CREATE MACRO uscc_reasons(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN is_uscc_form(c) THEN list_filter([
        CASE WHEN NOT regexp_matches(c, '^[1-9ANY]') THEN 'DEPARTMENT' END,
        CASE WHEN substr(c, 3, 6) <> '100000' AND division_end(substr(c, 3, 2) || '0000') IS NULL THEN 'DIVISION' END,
        CASE WHEN uscc_check_character(c) <> substr(c, 18, 1) THEN 'CHECK' END,
        CASE WHEN org_check_character(substr(c, 9, 8)) <> substr(c, 17, 1) THEN 'ORG_CHECK' END,
        CASE WHEN is_placeholder_number(c) THEN 'PLACEHOLDER' END,
        CASE WHEN regexp_full_match(c, '[0-9]{17}[0-9X]') AND uscc_check_character(c) <> substr(c, 18, 1)
            AND is_sound_id18(c) THEN 'TYPE_MISMATCH' END], lambda reason: reason IS NOT NULL)
    WHEN is_placeholder_number(c) THEN ['PLACEHOLDER']
    WHEN regexp_matches(c, '\*') THEN ['MASKED']
    ELSE list_filter([
        CASE WHEN length(c) <> 18 THEN 'LEN' END,
        CASE WHEN NOT regexp_full_match(c, '[0-9A-HJ-NP-RTUWXY]+')
            OR (length(c) = 18 AND NOT is_uscc_form(c)) THEN 'CHARS' END,
        CASE WHEN regexp_full_match(c, '[0-9]{13}|[0-9]{15}') OR regexp_full_match(c, '[0-9A-Z]{8}[0-9X]')
            OR regexp_matches(c, '\p{Han}') THEN 'TYPE_MISMATCH' END], lambda reason: reason IS NOT NULL) END;

-- The same as no reasons at all, without the list of them.
CREATE MACRO uscc_is_valid(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN NOT regexp_full_match(c, '[1-9ANY][0-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}') THEN false
    WHEN uscc_check_character(c) <> substr(c, 18, 1) THEN false
    WHEN org_check_character(substr(c, 9, 8)) <> substr(c, 17, 1) THEN false
    WHEN is_placeholder_number(c) THEN false
    ELSE substr(c, 3, 6) = '100000' OR division_end(substr(c, 3, 2) || '0000') IS NOT NULL END;
CREATE MACRO org_code_is_valid(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN NOT regexp_full_match(c, '[0-9A-Z]{8}[0-9X]') THEN false
    WHEN org_check_character(c) <> substr(c, 9, 1) THEN false
    ELSE NOT is_placeholder_number(c) END;
CREATE MACRO org_code_reasons(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN is_placeholder_number(c) THEN ['PLACEHOLDER']
    WHEN regexp_matches(c, '\*') THEN ['MASKED']
    WHEN NOT regexp_full_match(c, '[0-9A-Z]{8}[0-9X]') THEN list_filter([
        CASE WHEN length(c) <> 9 THEN 'LEN' END,
        CASE WHEN length(c) = 9 OR NOT regexp_full_match(c, '[0-9A-Z]+') THEN 'CHARS' END,
        CASE WHEN is_uscc_form(c) OR regexp_full_match(c, '[0-9]{13}|[0-9]{15}') THEN 'TYPE_MISMATCH' END],
        lambda reason: reason IS NOT NULL)
    WHEN org_check_character(c) <> substr(c, 9, 1) THEN ['CHECK']
    ELSE []::VARCHAR[] END;

-- ISO 7064 MOD 11,10 over the first 14 digits of a registration number: 1 if the 15th closes the sum.
CREATE MACRO mod_11_10_rest(c) AS list_reduce(
    list_prepend(10::BIGINT, list_transform(string_split(c, ''), lambda d: TRY_CAST(d AS BIGINT))),
    lambda p, d: (CASE WHEN (p + d) % 10 = 0 THEN 10 ELSE (p + d) % 10 END) * 2 % 11);
CREATE MACRO registration_no_reasons(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN regexp_full_match(c, '[0-9]{15}') AND NOT is_placeholder_number(c) THEN CASE
        WHEN (mod_11_10_rest(substr(c, 1, 14)) + TRY_CAST(substr(c, 15, 1) AS BIGINT)) % 10 = 1 THEN []::VARCHAR[]
        ELSE ['CHECK'] END
    WHEN regexp_full_match(c, '[0-9]{13}') AND NOT is_placeholder_number(c) THEN []::VARCHAR[]
    WHEN is_placeholder_number(c) THEN ['PLACEHOLDER']
    WHEN regexp_matches(c, '\*') THEN ['MASKED']
    ELSE list_filter([
        CASE WHEN length(c) NOT IN (13, 15) THEN 'LEN' END,
        CASE WHEN NOT regexp_full_match(c, '[0-9]+') THEN 'CHARS' END,
        CASE WHEN is_uscc_form(c) OR regexp_full_match(c, '[0-9A-Z]{8}[0-9X]') THEN 'TYPE_MISMATCH' END],
        lambda reason: reason IS NOT NULL) END;
CREATE MACRO registration_no_is_valid(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN NOT regexp_full_match(c, '[0-9]{13}|[0-9]{15}') OR is_placeholder_number(c) THEN false
    WHEN length(c) = 13 THEN true
    ELSE (mod_11_10_rest(substr(c, 1, 14)) + TRY_CAST(substr(c, 15, 1) AS BIGINT)) % 10 = 1 END;

-- Luhn sum from the right (domain 1.5); only digits can pass.
CREATE MACRO luhn_is_valid(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN NOT regexp_full_match(s, '[0-9]{2,40}') THEN false
    ELSE list_sum(list_transform(string_split(reverse(s), ''), lambda d, i:
        CASE WHEN i % 2 = 1 THEN TRY_CAST(d AS INTEGER)
             WHEN d >= '5' THEN TRY_CAST(d AS INTEGER) * 2 - 9
             ELSE TRY_CAST(d AS INTEGER) * 2 END)) % 10 = 0 END;
CREATE MACRO std_bank_card(s) AS CASE
    WHEN s IS NULL THEN NULL
    WHEN regexp_full_match(s::VARCHAR, '[0-9]{16,19}') THEN s::VARCHAR
    ELSE clean_number(s::VARCHAR) END;

-- LEN, CHARS, LUHN (only cards beginning with 62 or 16-19 digits can be cards; passbooks have no check), PLACEHOLDER, MASKED.
CREATE MACRO bank_card_reasons(c) AS CASE
    WHEN c IS NULL THEN NULL
    WHEN regexp_full_match(c, '[0-9]{16,19}') AND NOT is_placeholder_number(c) THEN
        CASE WHEN luhn_is_valid(c) THEN []::VARCHAR[] ELSE ['LUHN'] END
    WHEN is_placeholder_number(c) THEN ['PLACEHOLDER']
    WHEN regexp_matches(c, '\*') THEN ['MASKED']
    ELSE list_filter([
        CASE WHEN length(c) NOT BETWEEN 16 AND 19 THEN 'LEN' END,
        CASE WHEN NOT regexp_full_match(c, '[0-9]+') THEN 'CHARS' END], lambda reason: reason IS NOT NULL) END;
