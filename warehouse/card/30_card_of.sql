-- Which card does this person have? By the number the person has now, else by one the person had or is known under.
drop function if exists card.card_of(text);
create function card.card_of(id_number text)
returns table (
    answer text, reason text, master_id text, card_number text, issue_area_code text, card_generation text,
    card_status text, card_valid_to date, as_of date
)
language sql stable parallel safe as $$
    with current_holder as materialized (
        select p.master_id from core.person p where p.id_number = upper(btrim(card_of.id_number))
    ), person as materialized (
        select h.master_id from current_holder h
        union
        select v.master_id
        from core.person_value v
        where v.field in ('id_number', 'former_id_number') and v.value = upper(btrim(card_of.id_number))
          and not exists (select from current_holder)
        union
        select t.master_id from core.registration t
        where t.former_id_number = upper(btrim(card_of.id_number)) and not exists (select from current_holder)
    ), card_now as materialized (
        select c.* from core.card c join person p on p.master_id = c.master_id where c.card_status = 'normal'
    ), verdict as materialized (
        select case
            when (select count(*) from person) = 0 then 'no_person'
            when (select count(*) from person) > 1 then 'several_persons'
            when core.is_under_review((select min(person.master_id) from person)) then 'person_in_review'
            when (select count(*) from card_now) = 0 then 'no_normal_card'
            when (select count(*) from card_now) > 1 then 'several_normal_cards'
        end as reason
    )
    select case v.reason
            when 'no_person' then 'not_found'
            when 'no_normal_card' then 'not_found'
            when 'several_persons' then 'ambiguous'
            when 'several_normal_cards' then 'ambiguous'
            when 'person_in_review' then 'under_review'
            else 'found'
        end,
        v.reason, c.master_id, c.card_number, c.issue_area_code, c.card_generation, c.card_status, c.card_valid_to,
        core.as_of()
    from verdict v left join card_now c on v.reason is null
$$;
comment on function card.card_of(text) is
    'The normal card of a person: answer found, not_found, ambiguous or under_review, with the reason if not found';
