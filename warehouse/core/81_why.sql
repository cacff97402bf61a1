-- Why is this record where it is? Its file, its links, the judgements and cases about it.
create or replace function core.why(record_key text)
returns table (what text, words text, other_key text)
language sql stable strict parallel safe as $$
    with home as materialized (
        select c.master_id, c.since_date, (select count(*) from core.crosswalk o where o.master_id = c.master_id) as records
        from core.crosswalk c where c.record_key = why.record_key
    ), link as materialized (
        select case when l.left_key = why.record_key then l.right_key else l.left_key end as other_key,
            core.link_words(l.rule, l.score, l.reasons) as words
        from core.link l join home h on h.master_id = l.master_id
        where why.record_key in (l.left_key, l.right_key)
    )
    select w.what, w.words, w.other_key from (
        select 1 as place, 'file' as what, 'It belongs to file ' || h.master_id || ' since ' || h.since_date
            || case when h.records = 1 then ', alone' else ', with ' || core.record_words(h.records - 1) || ' more' end as words,
            null::text as other_key
        from home h
        union all
        select 1, 'file', 'It is in no file: it is not there, or was not published yet', null
        where not exists (select from home)
        union all
        select 2, 'link', l.words, l.other_key from link l
        union all
        select 2, 'same', 'It says exactly the same of its subject as other records of the file', null
        from home h where h.records > 1 and not exists (select from link)
        union all
        select 3, 'judgement', core.judgement_words(j.verdict, j.judged_by, j.second_by, j.source, j.reason),
            case when j.left_key = why.record_key then j.right_key else j.left_key end
        from core.judgement_in_force j where why.record_key in (j.left_key, j.right_key)
        union all
        select 4, 'case', core.case_words(r.review_id, r.review_kind, r.state, r.reason),
            case when r.left_key = why.record_key then r.right_key else r.left_key end
        from core.review r where why.record_key in (r.left_key, r.right_key) and r.state <> 'gone'
    ) w order by w.place, w.other_key, w.words
$$;
comment on function core.why(text) is 'Why a record is where it is: its file, links, judgements and cases; personal';
