-- Where a file answered on a day: itself while it lived, else the end of its chain of redirects as believed then.
create or replace function core.survivor_on(master_id text, known_on date) returns text
language sql stable strict parallel safe as $$
    with recursive chain (master_id, step) as (
        select survivor_on.master_id, 0
        union all
        select r.master_id, chain.step + 1
        from chain join (
            select t.retired_id, t.master_id, t.since_date, null::date as until_date from core.redirect t
            union all
            select t.retired_id, t.master_id, t.since_date, t.until_date from core.redirect_history t
        ) r on r.retired_id = chain.master_id and r.since_date <= known_on
               and (r.until_date is null or r.until_date > known_on)
        where chain.step < 1000
    )
    select chain.master_id from chain
    where exists (select from core.crosswalk c where c.master_id = chain.master_id and c.since_date <= known_on)
       or exists (select from core.crosswalk_history c where c.master_id = chain.master_id
                  and c.since_date <= known_on and c.until_date > known_on)
    order by chain.step limit 1
$$;
comment on function core.survivor_on(text, date) is
    'The file a master id answered with on a day, as believed then; null if there was none';
