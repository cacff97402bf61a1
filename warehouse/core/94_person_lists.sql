-- Lists of a person as a page shows them: the best department's newest word first.
create or replace view core.person_name as
    select v.master_id, case when v.field = 'former_name' then 'former' when v.is_winner then 'golden' else 'given_elsewhere' end as name_kind,
        v.value as name, v.feed, v.valid_from, v.since_date, v.rule, v.record_key
    from core.person_value v where v.field in ('name', 'former_name');
comment on view core.person_name is 'Names of persons: the golden one, former ones, and those written elsewhere';
comment on column core.person_name.master_id is 'File';
comment on column core.person_name.name_kind is 'golden, former or given_elsewhere';
comment on column core.person_name.name is 'Name in standard form; personal';
comment on column core.person_name.feed is 'Feed that says so';
comment on column core.person_name.valid_from is 'Since when, as the department says';
comment on column core.person_name.since_date is 'Logical date since which the system has known it';
comment on column core.person_name.rule is 'Why it is golden, or why it lost';
comment on column core.person_name.record_key is 'Record that says so; personal';

create or replace view core.person_address as
    select t.master_id, t.address_kind, t.address, t.area_code, core.feed_of(t.record_key) as feed, t.holds_from, t.holds_to,
        t.valid_from, t.since_date, row_number() over (partition by t.master_id, t.address_kind
            order by a.rank nulls last, coalesce(t.valid_from, t.holds_from) desc nulls last, t.record_key) as place, t.record_key,
        l.division_code, l.current_division_code, l.division_confidence,
        l.township, l.village, l.grp, l.road, l.number, l.compound, l.building, l.unit, l.room
    from core.address t
    left join lateral core.place_of(t.address, coalesce(t.valid_from, t.since_date)) l on true
    left join ref.feed f on f.feed = core.feed_of(t.record_key)
    left join ref.authority a on a.subject = 'person' and a.field = 'address' and a.department = f.department;
comment on view core.person_address is 'Addresses of persons by kind, with source and date; place 1 is the best department''s newest';
comment on column core.person_address.master_id is 'File';
comment on column core.person_address.address_kind is 'household_register, residence or mailing';
comment on column core.person_address.address is 'Address in standard form; personal';
comment on column core.person_address.area_code is 'GB/T 2260 code of the county, if the feed gives one';
comment on column core.person_address.feed is 'Feed that says so';
comment on column core.person_address.holds_from is 'From when, as the department says';
comment on column core.person_address.holds_to is 'To when, as the department says';
comment on column core.person_address.valid_from is 'Since when the record is so, as the department says';
comment on column core.person_address.since_date is 'Logical date since which the system has known it';
comment on column core.person_address.place is '1 for the best of its kind, by authority and recency';
comment on column core.person_address.record_key is 'Record that says so; personal';
comment on column core.person_address.division_code is 'Lowest division the address names, by the table of divisions of the record''s year; null where none is told';
comment on column core.person_address.current_division_code is 'The division that lies in today';
comment on column core.person_address.division_confidence is '1 a county of that year, 0.8 one of another time, 0.5 no county named';
comment on column core.person_address.township is 'Town, township or street the address names';
comment on column core.person_address.village is 'Village or community';
comment on column core.person_address.grp is 'Group of a village';
comment on column core.person_address.road is 'Road; personal';
comment on column core.person_address.number is 'House number; personal';
comment on column core.person_address.compound is 'Compound; personal';
comment on column core.person_address.building is 'Building; personal';
comment on column core.person_address.unit is 'Unit; personal';
comment on column core.person_address.room is 'Room; personal';

create or replace view core.person_phone as
    select t.master_id, t.phone_kind, t.phone, core.feed_of(t.record_key) as feed, t.valid_from, t.since_date,
        row_number() over (partition by t.master_id, t.phone_kind
            order by a.rank nulls last, coalesce(t.valid_from, t.holds_from) desc nulls last, t.record_key) as place, t.record_key
    from core.phone t
    left join ref.feed f on f.feed = core.feed_of(t.record_key)
    left join ref.authority a on a.subject = 'person' and a.field = 'phone' and a.department = f.department;
comment on view core.person_phone is 'Phone numbers of persons by kind, with source and date; place 1 is the best department''s newest';
comment on column core.person_phone.master_id is 'File';
comment on column core.person_phone.phone_kind is 'own or guardian';
comment on column core.person_phone.phone is 'Number in standard form; personal';
comment on column core.person_phone.feed is 'Feed that says so';
comment on column core.person_phone.valid_from is 'Since when the record is so, as the department says';
comment on column core.person_phone.since_date is 'Logical date since which the system has known it';
comment on column core.person_phone.place is '1 for the best of its kind, by authority and recency';
comment on column core.person_phone.record_key is 'Record that says so; personal';

create or replace view core.person_subsidy as
    select t.master_id, t.project_code, t.project_name, t.pay_month, t.subsidy_amount, t.deciding_body, p.pay_result, p.fail_reason,
        p.paid_time, t.record_key
    from core.subsidy t left join core.subsidy_payment p
        on p.record_key = 'fin_pay_result:' || substr(t.record_key, length('fin_subsidy:') + 1);
comment on view core.person_subsidy is 'Subsidies of persons with what became of their payment';
comment on column core.person_subsidy.master_id is 'File';
comment on column core.person_subsidy.project_code is 'Project';
comment on column core.person_subsidy.project_name is 'Name of the project';
comment on column core.person_subsidy.pay_month is 'Month it is paid for, YYYYMM';
comment on column core.person_subsidy.subsidy_amount is 'Yuan; personal';
comment on column core.person_subsidy.deciding_body is 'Department in charge';
comment on column core.person_subsidy.pay_result is 'paid or failed; null while the bank has not answered';
comment on column core.person_subsidy.fail_reason is 'Why it failed';
comment on column core.person_subsidy.paid_time is 'When it was paid';
comment on column core.person_subsidy.record_key is 'Record of the order; personal';

-- The others of a household, marriages and children: by household number and citizen numbers, never by names.
create or replace function core.household_of(master_id text)
returns table (member_id text, household_no text, household_relation text, record_key text)
language sql stable strict parallel safe as $$
    select o.master_id, o.household_no, o.household_relation, o.record_key
    from core.registration t join core.registration o on o.household_no = t.household_no
    where t.master_id = core.survivor(household_of.master_id) and t.cancel_reason is null and o.cancel_reason is null
    order by o.household_relation, o.master_id
$$;
comment on function core.household_of(text) is 'Who is registered in the household of a person, the person included; personal';

create or replace function core.marriages_of(master_id text)
returns table (marriage_kind text, registered_date date, spouse_id text, spouse_number text, record_key text)
language sql stable strict parallel safe as $$
    select m.marriage_kind, m.registered_date, core.person_by_number(m.other), m.other, m.record_key
    from core.numbers_of(marriages_of.master_id) n (number)
    cross join lateral (
        select t.marriage_kind, t.registered_date, t.wife_id_number as other, t.record_key from core.marriage t where t.husband_id_number = n.number
        union all
        select t.marriage_kind, t.registered_date, t.husband_id_number, t.record_key from core.marriage t where t.wife_id_number = n.number
    ) m
    order by m.registered_date, m.record_key
$$;
comment on function core.marriages_of(text) is 'Marriages and divorces of a person, with the spouse''s file where the number stands for one; personal';

create or replace function core.children_of(master_id text)
returns table (birth_certificate_no text, birth_time timestamp, child_id text, record_key text)
language sql stable strict parallel safe as $$
    select b.birth_certificate_no, b.birth_time, core.person_by_number(b.birth_certificate_no), b.record_key
    from core.birth b
    where exists (select from core.numbers_of(children_of.master_id) n (number) where n.number in (b.mother_id_number, b.father_id_number))
    order by b.birth_time, b.record_key
$$;
comment on function core.children_of(text) is
    'Birth certificates that name a person as a parent, with the child''s file where a record carries the certificate''s number; personal';
