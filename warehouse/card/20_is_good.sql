-- Is this card good? True only for a normal card within its validity on the logical date; an unknown state is null.
drop function if exists card.is_good(text, text);
create function card.is_good(card_number text, issue_area_code text default null)
returns table (
    answer text, is_good boolean, card_status text, card_valid_to date,
    replaced_by_number text, replaced_by_area_code text, as_of date
)
language sql stable parallel safe as $$
    with asked as materialized (
        select c.*
        from core.card c
        where c.card_number = upper(btrim(is_good.card_number))
          and (is_good.issue_area_code is null or c.issue_area_code = btrim(is_good.issue_area_code))
    ), verdict as materialized (
        select case
            when count(*) = 0 then 'not_found'
            when count(*) > 1 then 'ambiguous'
            when core.is_under_review(min(asked.master_id)) then 'under_review'
            else 'found'
        end as answer
        from asked
    )
    select v.answer,
        a.card_status = 'normal' and (a.card_valid_to is null or a.card_valid_to >= core.as_of()),
        a.card_status, a.card_valid_to, n.card_number, n.issue_area_code, core.as_of()
    from verdict v
    left join asked a on v.answer = 'found'
    left join lateral (
        select c.card_number, c.issue_area_code
        from core.card c
        where a.card_status <> 'normal' and c.master_id = a.master_id and c.card_status = 'normal'
        order by c.card_issue_date desc nulls last, c.record_key
        limit 1
    ) n on true
$$;
comment on function card.is_good(text, text) is
    'Whether a card may be used: answer found, not_found, ambiguous or under_review; is_good null if its state is unknown';
