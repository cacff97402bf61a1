-- Why are these two records in two files? Judgements, cases, whole numbers that differ, and what their files say.
create or replace function core.why_apart(left_key text, right_key text)
returns table (what text, words text)
language plpgsql stable strict parallel safe as $$
declare
    one text := (select c.master_id from core.crosswalk c where c.record_key = why_apart.left_key);
    two text := (select c.master_id from core.crosswalk c where c.record_key = why_apart.right_key);
    is_person boolean := exists (select from core.person p where p.master_id = one);
    golden_one jsonb;
    golden_two jsonb;
    said text;
begin
    if one is null or two is null or one = two then
        return query select 'file', case when one = two then 'They are in one file: ask core.why_together'
            else 'One of them is in no file' end;
        return;
    end if;
    return query select 'file', 'They are in the files ' || one || ' and ' || two;
    return query select 'judgement', core.judgement_words(j.verdict, j.judged_by, j.second_by, j.source, j.reason)
        from core.judgement_in_force j
        join core.crosswalk l on l.record_key = j.left_key join core.crosswalk r on r.record_key = j.right_key
        where j.verdict <> 'same' and ((l.master_id = one and r.master_id = two) or (l.master_id = two and r.master_id = one))
        order by j.judgement_id;
    return query select 'case', core.case_words(r.review_id, r.review_kind, r.state, r.reason) from core.review r
        where r.state <> 'gone' and ((r.left_id = one and r.right_id = two) or (r.left_id = two and r.right_id = one))
        order by r.review_id;
    if is_person then
        golden_one := (select to_jsonb(p) from core.person p where p.master_id = one);
        golden_two := (select to_jsonb(p) from core.person p where p.master_id = two);
        said := 'id_number';
    else
        golden_one := (select to_jsonb(e) from core.enterprise e where e.master_id = one);
        golden_two := (select to_jsonb(e) from core.enterprise e where e.master_id = two);
        said := 'uscc';
    end if;
    if length(golden_one ->> said) = 18 and length(golden_two ->> said) = 18 and golden_one ->> said <> golden_two ->> said then
        return query select 'number',
            'Each has a whole ' || replace(said, '_', ' ') || ' of its own: two such numbers share a file by judgement only';
    end if;
    return query
        select c.what, c.words from (
            select 'equal' as what, 'Both files say the same: ' || string_agg(replace(f.key, '_', ' '), ', ' order by f.key) as words
            from jsonb_each_text(golden_one) f
            where f.value = golden_two ->> f.key and f.key not in ('record_count', 'fingerprint')
              and f.key not like '%\_run\_id' and f.key not like '%\_date' or (f.key = 'birth_date' and f.value = golden_two ->> f.key)
            union all
            select 'differs', 'They differ in: ' || string_agg(replace(f.key, '_', ' '), ', ' order by f.key)
            from jsonb_each_text(golden_one) f
            where f.value <> golden_two ->> f.key and f.key not in ('master_id', 'record_count', 'fingerprint')
              and (f.key = 'birth_date' or (f.key not like '%\_run\_id' and f.key not like '%\_date'))
        ) c where c.words is not null;
    return query select 'evidence', 'No link that is strong enough was found between their records';
end $$;
comment on function core.why_apart(text, text) is
    'Why two records are in two files: judgements, cases, numbers that differ, fields that agree or not; personal';
