-- Addresses (domain section 5): display form, parsed parts, and a key without the levels that senders leave out.

CREATE MACRO is_usual_address(s) AS regexp_full_match(s::VARCHAR, '[0-9A-Za-z#\x{4E00}-\x{9FFF}-]+');
-- Words that refer elsewhere give null beside those that say nothing is known.
CREATE MACRO std_address(s) AS list_transform(
    [CASE WHEN is_usual_address(s) THEN s::VARCHAR
        ELSE nullif(regexp_replace(fold_widths(s::VARCHAR), ' +', '', 'g'), '') END],
    lambda text_: CASE WHEN length(text_) > 8 OR NOT (is_empty_word(text_) OR regexp_full_match(text_, '同上|同户籍地?址?|同户籍地址'))
        THEN text_ END)[1];
