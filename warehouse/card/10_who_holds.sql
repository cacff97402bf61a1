-- Who holds this card? Without an issuing area the number may belong to several people: then the answer is ambiguous.
drop function if exists card.who_holds(text, text);
create function card.who_holds(card_number text, issue_area_code text default null)
returns table (answer text, master_id text, masked_name text, card_status text, as_of date)
language sql stable parallel safe as $$
    with held as materialized (
        select c.master_id, c.card_status, c.card_issue_date
        from core.card c
        where c.card_number = upper(btrim(who_holds.card_number))
          and (who_holds.issue_area_code is null or c.issue_area_code = btrim(who_holds.issue_area_code))
    ), verdict as materialized (
        select case
            when count(*) = 0 then 'not_found'
            when count(distinct held.master_id) > 1 then 'ambiguous'
            when core.is_under_review(min(held.master_id)) then 'under_review'
            else 'found'
        end as answer, min(held.master_id) as master_id
        from held
    )
    select v.answer, p.master_id, core.masked_name(p.name),
        (select h.card_status from held h where v.answer = 'found' order by h.card_issue_date desc nulls last limit 1),
        core.as_of()
    from verdict v left join core.person p on v.answer = 'found' and p.master_id = v.master_id
$$;
comment on function card.who_holds(text, text) is
    'Who holds a card: answer found, not_found, ambiguous or under_review; person and masked name only if found';
