-- One sentence for a link, a judgement and a case; the explaining functions and the console say it in these words.
create or replace function core.link_words(rule text, score float8, reasons text) returns text
language sql immutable parallel safe as $$
    select case
            when rule like 'same %' and score is null then 'They give the ' || replace(rule, '_', ' ') || ', and names that agree'
            when rule = 'score' then 'Their fields agree'
            else 'Rule ' || replace(rule, '_', ' ')
        end || coalesce(', ' || round(score::numeric, 1) || ' bits', '') || coalesce(': ' || reasons, '')
$$;
comment on function core.link_words(text, float8, text) is 'Why two records were linked, in a sentence without values';

create or replace function core.judgement_words(verdict text, judged_by text, second_by text, source text, reason text)
returns text
language sql immutable parallel safe as $$
    select judged_by || coalesce(' and ' || second_by, '') || ' judged them '
        || case verdict when 'same' then 'the same' when 'not_same' then 'not the same' else 'unsure' end
        || case when source = 'steward' then '' else ', by the list ' || source end || coalesce(': ' || reason, '')
$$;
comment on function core.judgement_words(text, text, text, text, text) is
    'A judgement in a sentence; its reason is free text and may be personal';

create or replace function core.case_words(review_id bigint, review_kind text, state text, reason text) returns text
language sql stable parallel safe as $$
    select 'Case ' || review_id || ' is ' || state || ': '
        || coalesce((select k.description from ref.review_kind k where k.review_kind = case_words.review_kind),
                    replace(case_words.review_kind, '_', ' ')) || coalesce(' (' || reason || ')', '')
$$;
comment on function core.case_words(bigint, text, text, text) is 'A case of the review queue in a sentence without values';

-- Judgements that count: not withdrawn, the latest on a pair.
create or replace view core.judgement_in_force as
    select distinct on (j.subject, j.left_key, j.right_key) j.*
    from core.judgement j
    where j.verdict <> 'withdrawn' and not exists (select from core.judgement w where w.withdraws_id = j.judgement_id)
    order by j.subject, j.left_key, j.right_key, j.judgement_id desc;
comment on view core.judgement_in_force is 'Judgements that count: not withdrawn, the latest on a pair of records';

-- Its columns are those of the table, and so are their comments.
do $$
declare
    named record;
begin
    for named in
        select a.attname, col_description(a.attrelid, a.attnum) as said
        from pg_attribute a
        where a.attrelid = 'core.judgement'::regclass and a.attnum > 0 and not a.attisdropped
    loop
        execute format('comment on column core.judgement_in_force.%I is %L', named.attname, named.said);
    end loop;
end
$$;

create or replace function core.record_words(records bigint) returns text
language sql immutable parallel safe as $$
    select coalesce(records, 0) || case when records = 1 then ' record' else ' records' end
$$;
comment on function core.record_words(bigint) is 'A number of records in words';
