-- Where a file answers now: itself while it lives, else the end of its chain of redirects, else null.
create or replace function core.survivor(master_id text) returns text
language sql stable strict parallel safe as $$
    with recursive chain (master_id, step) as (
        select survivor.master_id, 0
        union all
        select r.master_id, chain.step + 1
        from chain join core.redirect r on r.retired_id = chain.master_id
        where chain.step < 1000
    )
    select chain.master_id from chain
    where exists (select from core.person p where p.master_id = chain.master_id)
       or exists (select from core.enterprise e where e.master_id = chain.master_id)
    order by chain.step limit 1
$$;
comment on function core.survivor(text) is
    'The live file a master id answers with: itself, or the end of its chain of redirects; null if there is none';
