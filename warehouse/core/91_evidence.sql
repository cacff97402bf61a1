-- Facts that make a person belong to a category, other than age; the rules name them by `evidence` and `evidence_value`.
create or replace view core.person_evidence as
    select t.master_id, 'disability' as evidence, t.disability_category as evidence_value, 'grade ' || t.disability_grade as detail,
        t.record_key, t.holds_from, t.holds_to
    from core.disability t where t.disability_status = 'valid'
    union all
    select t.master_id, 'assistance', t.assist_kind, null, t.record_key, t.holds_from, t.holds_to from core.assistance t
    union all
    select t.master_id, 'employment', t.employment_state, null, t.record_key, t.holds_from, t.holds_to from core.employment t
    union all
    select t.master_id, 'hardship', t.hardship_kind, null, t.record_key, t.holds_from, t.holds_to
    from core.employment t where t.hardship_kind is not null
    union all
    select t.master_id, 'concession', t.concession_kind, t.service_city_code, t.record_key, t.holds_from, t.holds_to
    from core.concession t;
comment on view core.person_evidence is 'Facts that the rules on categories rest on, from the lists of the files';
comment on column core.person_evidence.master_id is 'File';
comment on column core.person_evidence.evidence is 'disability, assistance, employment, hardship or concession';
comment on column core.person_evidence.evidence_value is 'Kind of it';
comment on column core.person_evidence.detail is 'Grade of a disability, city of a concession';
comment on column core.person_evidence.record_key is 'Record that says so; personal';
comment on column core.person_evidence.holds_from is 'First day it holds';
comment on column core.person_evidence.holds_to is 'Last day it holds';

create or replace function core.evidence_on(master_id text, valid_on date, known_on date)
returns table (evidence text, evidence_value text, detail text, record_key text, holds_from date, holds_to date)
language sql stable strict parallel safe as $$
    with said as (
        select 'disability', t.disability_category, 'grade ' || t.disability_grade, t.record_key, t.holds_from, t.holds_to
        from core.disability_on(evidence_on.master_id, valid_on, known_on) t where t.disability_status = 'valid'
        union all
        select 'assistance', t.assist_kind, null, t.record_key, t.holds_from, t.holds_to
        from core.assistance_on(evidence_on.master_id, valid_on, known_on) t
        union all
        select 'employment', t.employment_state, null, t.record_key, t.holds_from, t.holds_to
        from core.employment_on(evidence_on.master_id, valid_on, known_on) t
        union all
        select 'hardship', t.hardship_kind, null, t.record_key, t.holds_from, t.holds_to
        from core.employment_on(evidence_on.master_id, valid_on, known_on) t where t.hardship_kind is not null
        union all
        select 'concession', t.concession_kind, t.service_city_code, t.record_key, t.holds_from, t.holds_to
        from core.concession_on(evidence_on.master_id, valid_on, known_on) t
    )
    select * from said s (evidence, evidence_value, detail, record_key, holds_from, holds_to)
    where s.holds_to is null or s.holds_to >= valid_on
$$;
comment on function core.evidence_on(text, date, date) is
    'Facts that held on day valid_on as known on day known_on, which the rules on categories rest on; personal';
