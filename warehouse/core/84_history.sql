-- Why an event came about, as it is said after it.
create or replace function core.cause_words(cause text) returns text
language sql immutable parallel safe as $$
    select case
        when cause is null then ''
        when cause = 'nearby' then ', because evidence of other files changed'
        when cause = 'rematch' then ', because all records were matched anew'
        when cause = 'first run' then ', in the first run'
        else ', by ' || cause
    end
$$;
comment on function core.cause_words(text) is 'The cause of an event, as words that follow what happened';

-- What happened to a file, in order: events of its life, golden values that changed, judgements and cases.
create or replace function core.history(master_id text)
returns table (day date, what text, words text, other_id text, run_id text)
language sql stable strict parallel safe as $$
    with told as (
        select e.event_date as day, 1 as place, e.event_id as number, e.event_kind as what, case e.event_kind
                when 'created' then 'Created with ' || core.record_words(e.record_count)
                when 'joined' then core.record_words(e.record_count) || ' came'
                when 'merged' then 'Took in another file with ' || core.record_words(e.record_count)
                when 'split' then 'Took ' || core.record_words(e.record_count) || ' out of another file'
                when 'redirected' then 'Retired; another file answers for it'
                when 'retired' then 'Retired; no record is left'
                when 'changed' then 'The golden record changed'
            end || core.cause_words(e.cause) as words, e.other_id, e.run_id
        from ops.change_event e where e.master_id = history.master_id
        union all
        select e.event_date, 1, e.event_id, 'split', core.record_words(e.record_count) || ' went to another file' || core.cause_words(e.cause), e.master_id, e.run_id
        from ops.change_event e where e.other_id = history.master_id and e.event_kind = 'split'
        union all
        select v.since_date, 2, 0, 'value', 'Golden ' || string_agg(replace(v.field, '_', ' '), ', ' order by v.field)
            || ' from ' || v.feed || coalesce(', delivery ' || v.batch_no, '') || coalesce(', rule ' || replace(v.rule, '_', ' '), ''),
            null, v.since_run_id
        from (select t.field, t.feed, t.batch_no, t.rule, t.since_date, t.since_run_id from core.person_value t
              where t.master_id = history.master_id and t.is_winner
              union all
              select t.field, t.feed, t.batch_no, t.rule, t.since_date, t.since_run_id from core.person_value_history t
              where t.master_id = history.master_id and t.is_winner and t.until_date > t.since_date
              union all
              select t.field, t.feed, t.batch_no, t.rule, t.since_date, t.since_run_id from core.enterprise_value t
              where t.master_id = history.master_id and t.is_winner
              union all
              select t.field, t.feed, t.batch_no, t.rule, t.since_date, t.since_run_id from core.enterprise_value_history t
              where t.master_id = history.master_id and t.is_winner and t.until_date > t.since_date) v
        group by v.since_date, v.feed, v.batch_no, v.rule, v.since_run_id
        union all
        select j.judged_at::date, 3, j.judgement_id, 'judgement',
            core.judgement_words(j.verdict, j.judged_by, j.second_by, j.source, j.reason)
            || coalesce((select '; withdrawn by ' || w.judged_by || ' on ' || w.judged_at::date from core.judgement w
                         where w.withdraws_id = j.judgement_id limit 1), ''), null, null
        from core.judgement j
        where j.verdict <> 'withdrawn' and (j.left_key in (select c.record_key from core.crosswalk c where c.master_id = history.master_id)
            or j.right_key in (select c.record_key from core.crosswalk c where c.master_id = history.master_id))
        union all
        select r.opened_date, 4, r.review_id, 'case', core.case_words(r.review_id, r.review_kind, r.state, null),
            case when r.left_id = history.master_id then r.right_id else r.left_id end, r.opened_run_id
        from core.review r where history.master_id in (r.left_id, r.right_id)
    )
    select t.day, t.what, t.words, nullif(t.other_id, history.master_id), t.run_id
    from told t order by t.day, t.place, t.number, t.words
$$;
comment on function core.history(text) is
    'What happened to a file: events, golden values and their sources, judgements, cases; words without values, but for reasons of judgements';
