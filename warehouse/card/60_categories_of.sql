-- Which categories does this person belong to on a day? Age bands turn on the birthday; the rules are in ref.category_rule.
drop function if exists card.categories_of(text, date);
create function card.categories_of(id_number text, on_day date default null)
returns table (answer text, master_id text, life_state text, categories text[], rules text[], as_of date)
language sql stable parallel safe as $$
    with current_holder as materialized (
        select p.master_id from core.person p where p.id_number = upper(btrim(categories_of.id_number))
    ), person as materialized (
        select h.master_id from current_holder h
        union
        select core.person_by_number(categories_of.id_number) where not exists (select from current_holder)
    ), verdict as materialized (
        select case
            when count(person.master_id) = 0 then 'not_found'
            when count(person.master_id) > 1 then 'ambiguous'
            when core.is_under_review(min(person.master_id)) then 'under_review'
            else 'found'
        end as answer, min(person.master_id) as master_id
        from person
    ), asked as materialized (
        select v.master_id, coalesce(on_day, core.as_of()) as day, core.as_of() as known from verdict v where v.answer = 'found'
    ), told as materialized (  -- of today from what is live, of another day from what was and will be
        select c.category || coalesce('_' || c.band, '') as category, c.rule_id
        from core.person_category c where c.master_id = (select a.master_id from asked a where a.day = a.known)
        union all
        select c.category || coalesce('_' || c.band, ''), c.rule_id
        from asked a cross join lateral core.categories_on(a.master_id, a.day, a.known) c
        where a.day <> a.known
    )
    select v.answer, a.master_id, (select l.life_state from core.life_on(a.master_id, a.day, a.known) l),
        case when a.master_id is not null then array(select distinct t.category from told t order by 1) end,
        case when a.master_id is not null then array(select distinct t.rule_id from told t order by 1) end, core.as_of()
    from verdict v left join asked a on true
$$;
comment on function card.categories_of(text, date) is
    'Categories of a person on a day (default: the logical date): answer found, not_found, ambiguous or under_review; hold payments unless life_state is alive';
