-- Which file answers for an id that a service stored earlier? A merged file answers with its survivor, for ever.
drop function if exists card.file_now(text);
create function card.file_now(master_id text)
returns table (answer text, master_id_now text, is_redirected boolean, as_of date)
language sql stable parallel safe as $$
    with now_is as (select core.survivor(upper(btrim(file_now.master_id))) as id)
    select case
            when n.id is null then 'not_found'
            when core.is_under_review(n.id) then 'under_review'
            else 'found'
        end,
        n.id, n.id <> upper(btrim(file_now.master_id)), core.as_of()
    from now_is n
$$;
comment on function card.file_now(text) is 'The live file behind a stored master id: answer found, not_found or under_review';
