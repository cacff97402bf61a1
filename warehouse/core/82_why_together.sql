-- Why are these two records in one file? The shortest way of links from one to the other, and judgements on the pair.
create or replace function core.why_together(left_key text, right_key text)
returns table (step int, words text, from_key text, to_key text)
language plpgsql stable strict parallel safe as $$
declare
    home text := (select c.master_id from core.crosswalk c where c.record_key = why_together.left_key);
    other text := (select c.master_id from core.crosswalk c where c.record_key = why_together.right_key);
    is_found boolean;
begin
    if home is null or other is null or home <> other then
        return query select 0, case when home is null or other is null then 'One of them is in no file'
            else 'They are in two files: ask core.why_apart' end, left_key, right_key;
        return;
    end if;
    return query select 0, core.judgement_words(j.verdict, j.judged_by, j.second_by, j.source, j.reason), j.left_key, j.right_key
        from core.judgement_in_force j
        where (j.left_key, j.right_key) in ((why_together.left_key, why_together.right_key),
                                            (why_together.right_key, why_together.left_key));
    return query
        with recursive edge as materialized (
            select l.left_key as a, l.right_key as b, core.link_words(l.rule, l.score, l.reasons) as says
            from core.link l where l.master_id = home
            union all
            select l.right_key, l.left_key, core.link_words(l.rule, l.score, l.reasons) from core.link l where l.master_id = home
        ), reached (at, came_from, depth) as (
            select why_together.left_key, null::text, 0
            union
            select e.b, e.a, r.depth + 1 from reached r join edge e on e.a = r.at where r.depth < 12
        ), nearest as (
            select distinct on (r.at) r.at, r.came_from, r.depth from reached r order by r.at, r.depth, r.came_from
        ), way (at, came_from, depth) as (
            select n.at, n.came_from, n.depth from nearest n where n.at = why_together.right_key
            union all
            select n.at, n.came_from, n.depth from way w join nearest n on n.at = w.came_from
        )
        select w.depth, (select min(e.says) from edge e where e.a = w.came_from and e.b = w.at), w.came_from, w.at
        from way w where w.came_from is not null order by w.depth;
    is_found := found;
    if not is_found then
        return query
            select 1, 'It says exactly the same of its subject as another record of the file', k.key, null::text
            from unnest(array[left_key, right_key]) k (key)
            where not exists (select from core.link l where l.master_id = home and k.key in (l.left_key, l.right_key));
        return query
            select 2, core.link_words(l.rule, l.score, l.reasons), l.left_key, l.right_key from core.link l
            where l.master_id = home order by l.left_key, l.right_key;
    end if;
end $$;
comment on function core.why_together(text, text) is
    'Why two records are in one file: the links on the way from one to the other, and judgements on the pair; personal';
