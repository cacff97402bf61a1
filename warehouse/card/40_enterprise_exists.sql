-- Does this enterprise exist? By its unified social credit code; a code it was known under before also finds it.
drop function if exists card.enterprise_exists(text);
create function card.enterprise_exists(uscc text)
returns table (
    answer text, master_id text, name text, status text, is_in_operation boolean, is_current_code boolean, as_of date
)
language sql stable parallel safe as $$
    with current_holder as materialized (
        select e.master_id from core.enterprise e where e.uscc = upper(btrim(enterprise_exists.uscc))
    ), enterprise as materialized (
        select h.master_id from current_holder h
        union
        select v.master_id
        from core.enterprise_value v
        where v.field = 'uscc' and v.value = upper(btrim(enterprise_exists.uscc))
          and not exists (select from current_holder)
    ), verdict as materialized (
        select case
            when count(*) = 0 then 'not_found'
            when count(*) > 1 then 'ambiguous'
            when core.is_under_review(min(enterprise.master_id)) then 'under_review'
            else 'found'
        end as answer, min(enterprise.master_id) as master_id
        from enterprise
    )
    select v.answer, e.master_id, e.name, e.status, e.status = 'in_operation',
        case when e.master_id is not null then exists (select from current_holder) end, core.as_of()
    from verdict v left join core.enterprise e on v.answer = 'found' and e.master_id = v.master_id
$$;
comment on function card.enterprise_exists(text) is
    'Whether an enterprise exists: answer found, not_found, ambiguous or under_review, with its state in the register';
