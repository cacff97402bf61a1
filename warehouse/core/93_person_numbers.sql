-- The one file a citizen number stands for: by a number it has now, else by one it had; null if none or several.
create or replace function core.person_by_number(number text) returns text
language sql stable strict parallel safe as $$
    with golden as materialized (
        select p.master_id from core.person p where p.id_number = upper(btrim(number))
    ), held as (
        select g.master_id from golden g
        union
        select t.master_id from core.registration t
        where upper(btrim(number)) in (t.id_number, t.former_id_number) and not exists (select from golden)
        union
        select v.master_id from core.person_value v
        where v.field in ('id_number', 'former_id_number') and v.value = upper(btrim(number)) and coalesce(v.rule, '') not in ('exclusive', 'nobodys')
          and not exists (select from golden)
    )
    select case when count(*) = 1 then min(h.master_id) end from held h
$$;
comment on function core.person_by_number(text) is
    'The one file a citizen number stands for, now or formerly; null if there is none, or several';

-- All numbers of persons, each with its kind and what it is worth.
create or replace view core.person_number as
    with citizen as (
        select t.master_id, t.id_number as number, case
                when t.cancel_reason is null then 'current'
                when t.cancel_reason in ('duplicate', 'error') then 'cancelled_' || t.cancel_reason
                when t.cancel_reason = 'death' then 'of_the_dead'
                else 'left_the_register'
            end as status, null::date as holds_from, t.cancel_date as holds_to, t.record_key
        from core.registration t where t.id_number is not null
        union all
        select t.master_id, t.former_id_number, 'former', null, null, t.record_key
        from core.registration t where t.former_id_number is not null
        union all
        select v.master_id, v.value, case
                when v.is_winner then 'current'
                when v.rule = 'nobodys' then 'of_nobody'
                when v.rule = 'exclusive' then 'of_another_file'
                when length(v.value) = 15 then 'first_generation'
                else 'given_elsewhere'
            end, null, null, v.record_key
        from core.person_value v
        where v.field = 'id_number' and not exists (
            select from core.registration t where t.master_id = v.master_id and v.value in (t.id_number, t.former_id_number))
    )
    select c.master_id, 'citizen' as number_kind, c.number, case
            when c.status = 'current' and exists (select from core.registration o
                where o.id_number = c.number and o.master_id <> c.master_id and o.cancel_reason is null) then 'shared'
            else c.status
        end as status, c.holds_from, c.holds_to, c.record_key
    from citizen c
    union all
    select t.master_id, 'social_insurance', t.personal_no, t.payment_state, min(t.insured_from), null, min(t.record_key)
    from core.insurance t group by t.master_id, t.personal_no, t.payment_state
    union all
    select t.master_id, 'medical', t.medical_person_no, t.insured_state, min(t.insured_from), null, min(t.record_key)
    from core.medical_insurance t group by t.master_id, t.medical_person_no, t.insured_state
    union all
    select t.master_id, 'employment_certificate', t.employment_cert_no, null, t.holds_from, t.holds_to, t.record_key from core.employment t
    union all
    select t.master_id, 'disability_certificate', t.disability_cert_no, t.disability_status, t.holds_from, t.holds_to, t.record_key
    from core.disability t
    union all
    select t.master_id, 'residence_permit', t.permit_no, null, t.holds_from, t.holds_to, t.record_key from core.residence_permit t
    union all
    select t.master_id, 'electronic_health_card', t.ehealth_id, null, t.holds_from, t.holds_to, t.record_key from core.ehealth_card t
    union all
    select t.master_id, 'library_reader', t.reader_no, t.reader_status, t.holds_from, t.holds_to, t.record_key from core.library_reader t;
comment on view core.person_number is 'All numbers of persons by kind, with from and to and what each is worth; social security cards are in core.card';
comment on column core.person_number.master_id is 'File';
comment on column core.person_number.number_kind is 'citizen, social_insurance, medical, employment_certificate, disability_certificate, residence_permit, electronic_health_card, library_reader';
comment on column core.person_number.number is 'Number; personal';
comment on column core.person_number.status is
    'Of a citizen number: current, shared (in force in another file too), former, first_generation, cancelled_duplicate, cancelled_error, of_the_dead, left_the_register, of_another_file, of_nobody (a placeholder), given_elsewhere; else the state the department gives';
comment on column core.person_number.holds_from is 'From when, as the department says';
comment on column core.person_number.holds_to is 'To when, as the department says';
comment on column core.person_number.record_key is 'Record that says so; personal';

-- Numbers that stand for this file and no other: what other records name a person by.
create or replace function core.numbers_of(master_id text) returns setof text
language sql stable strict parallel safe as $$
    select distinct n.number from core.person_number n
    where n.master_id = core.survivor(numbers_of.master_id) and n.number_kind = 'citizen' and core.person_by_number(n.number) = n.master_id
$$;
comment on function core.numbers_of(text) is 'Citizen numbers that stand for this file and no other; personal';
