-- The one file a number of an enterprise stands for: credit code, registration number or organisation code.
create or replace function core.enterprise_by_number(number text) returns text
language sql stable strict parallel safe as $$
    with golden as materialized (
        select e.master_id from core.enterprise e where e.uscc = upper(btrim(number))
    ), held as (
        select g.master_id from golden g
        union
        select v.master_id from core.enterprise_value v
        where v.field = 'uscc' and v.value = upper(btrim(number)) and coalesce(v.rule, '') not in ('exclusive', 'nobodys')
          and not exists (select from golden)
    )
    select case when count(*) = 1 then min(h.master_id) end from held h
$$;
comment on function core.enterprise_by_number(text) is
    'The one file a unified social credit code stands for, now or formerly; null if there is none, or several';

-- Numbers of all generations.
create or replace view core.enterprise_number as
    select v.master_id, v.field as number_kind, v.value as number,
        case when v.is_winner then 'current' when v.rule = 'nobodys' then 'of_nobody' when v.rule = 'exclusive' then 'of_another_file' else 'given_elsewhere' end as status, v.record_key
    from core.enterprise_value v where v.field in ('uscc', 'registration_no', 'organisation_code')
    union all
    select e.master_id, 'organisation_code', substr(e.uscc, 9, 9), 'within_the_code', null
    from core.enterprise e where length(e.uscc) = 18 and e.organisation_code is null
    union all
    select t.master_id, 'register', t.entity_no, t.status, t.record_key from core.enterprise_registration t
    union all
    select t.master_id, 'taxpayer', t.taxpayer_no, t.tax_status, t.record_key
    from core.taxpayer t where t.taxpayer_no is not null
    union all
    select t.master_id, 'social_insurance_unit', t.employer_no, null, min(t.record_key)
    from core.collection t group by t.master_id, t.employer_no;
comment on view core.enterprise_number is 'All numbers of enterprises by kind, of all generations';
comment on column core.enterprise_number.master_id is 'File';
comment on column core.enterprise_number.number_kind is
    'uscc, registration_no, organisation_code, register (the registry''s own key), taxpayer, social_insurance_unit';
comment on column core.enterprise_number.number is 'Number';
comment on column core.enterprise_number.status is
    'current, given_elsewhere, of_another_file, of_nobody (a placeholder), within_the_code (places 9 to 17 of the credit code), or the state the department gives';
comment on column core.enterprise_number.record_key is 'Record that says so';

create or replace view core.enterprise_name as
    select v.master_id, case when v.field = 'former_name' then 'former' when v.is_winner then 'golden' else 'given_elsewhere' end as name_kind,
        v.value as name, null::date as until_day, v.feed, v.record_key
    from core.enterprise_value v where v.field in ('name', 'former_name')
    union all
    select t.master_id, 'former', t.text_before, t.changed_date, core.feed_of(t.record_key), t.record_key
    from core.registry_change t where t.change_kind = 'name' and t.text_before is not null;
comment on view core.enterprise_name is 'Names of enterprises: the golden one, former ones with the day they ended, and those written elsewhere';
comment on column core.enterprise_name.master_id is 'File';
comment on column core.enterprise_name.name_kind is 'golden, former or given_elsewhere';
comment on column core.enterprise_name.name is 'Name in standard form';
comment on column core.enterprise_name.until_day is 'Day it was changed, if the registry says so';
comment on column core.enterprise_name.feed is 'Feed that says so';
comment on column core.enterprise_name.record_key is 'Record that says so';

-- What became of which enterprise: a change in the register that names the codes before and after.
create or replace view core.succession as
    select t.change_kind, t.text_before, t.text_after, core.enterprise_by_number(t.text_before) as before_id,
        core.enterprise_by_number(t.text_after) as after_id, t.changed_date, t.record_key
    from core.registry_change t where t.change_kind in ('converted', 'merged', 'divided');
comment on view core.succession is 'Conversions, mergers and divisions of enterprises by the credit codes before and after';
comment on column core.succession.change_kind is 'converted, merged or divided';
comment on column core.succession.text_before is 'Code before';
comment on column core.succession.text_after is 'Code after';
comment on column core.succession.before_id is 'File of the code before; null if it stands for none, or several';
comment on column core.succession.after_id is 'File of the code after; null if it stands for none, or several';
comment on column core.succession.changed_date is 'Day of the change';
comment on column core.succession.record_key is 'Record that says so';

-- Links between enterprises, by number only. A number without a file of its own leaves other_id empty.
create or replace view core.enterprise_link as
    select t.master_id, 'branch_of' as link_kind, t.parent_uscc as number, core.enterprise_by_number(t.parent_uscc) as other_id,
        t.founded_date as holds_from, t.record_key
    from core.enterprise_registration t where t.parent_uscc is not null
    union all
    select c.before_id, case c.change_kind when 'converted' then 'succeeded_by' when 'merged' then 'merged_into' else 'split_into' end,
        c.text_after, c.after_id, c.changed_date, c.record_key
    from core.succession c where c.before_id is not null
    union all
    select c.after_id, case c.change_kind when 'converted' then 'succeeds' when 'merged' then 'took_in' else 'split_from' end,
        c.text_before, c.before_id, c.changed_date, c.record_key
    from core.succession c where c.after_id is not null;
comment on view core.enterprise_link is 'Branches, successors and mergers of enterprises, linked by number only';
comment on column core.enterprise_link.master_id is 'File';
comment on column core.enterprise_link.link_kind is
    'branch_of, succeeds and succeeded_by, merged_into and took_in, split_from and split_into';
comment on column core.enterprise_link.number is 'Credit code of the other one';
comment on column core.enterprise_link.other_id is 'File of the other one; null if the code stands for none, or several';
comment on column core.enterprise_link.holds_from is 'From when';
comment on column core.enterprise_link.record_key is 'Record that says so';

-- Officers with the person's file where the number stands for one; a name alone links nobody.
create or replace function core.officers_of(master_id text)
returns table (officer_role text, officer_name text, share_percent numeric, person_id text, feed text, record_key text)
language sql stable strict parallel safe as $$
    select t.officer_role, t.officer_name, t.share_percent, core.person_by_number(t.officer_id), core.feed_of(t.record_key), t.record_key
    from core.officer t where t.master_id = core.survivor(officers_of.master_id)
    union all
    select 'legal_rep', t.legal_rep_name, null, core.person_by_number(t.legal_rep_id), core.feed_of(t.record_key), t.record_key
    from core.taxpayer t where t.master_id = core.survivor(officers_of.master_id) and t.legal_rep_id is not null
    order by 1, 5, 6
$$;
comment on function core.officers_of(text) is
    'Officers and shareholders of an enterprise, with the person''s file where the number stands for one; personal';

create or replace function core.roles_of(master_id text)
returns table (enterprise_id text, enterprise_name text, officer_role text, share_percent numeric, feed text, record_key text)
language sql stable strict parallel safe as $$
    select r.master_id, e.name, r.officer_role, r.share_percent, core.feed_of(r.record_key), r.record_key
    from core.numbers_of(roles_of.master_id) n (number)
    cross join lateral (
        select t.master_id, t.officer_role, t.share_percent, t.record_key from core.officer t where t.officer_id = n.number
        union all
        select t.master_id, 'legal_rep', null, t.record_key from core.taxpayer t where t.legal_rep_id = n.number
    ) r
    join core.enterprise e on e.master_id = r.master_id
    order by 1, 3, 6
$$;
comment on function core.roles_of(text) is 'Roles of a person in enterprises, by the person''s numbers only; personal';

create or replace view core.enterprise_head_count as
    select t.master_id, t.period_month, t.insurance_type, sum(t.head_count)::int as head_count, sum(t.collected_amount) as collected_amount
    from core.collection t group by t.master_id, t.period_month, t.insurance_type;
comment on view core.enterprise_head_count is 'Insured head count and contributions of enterprises by month and type, over their units';
comment on column core.enterprise_head_count.master_id is 'File';
comment on column core.enterprise_head_count.period_month is 'Month paid for, YYYYMM';
comment on column core.enterprise_head_count.insurance_type is 'AAE140';
comment on column core.enterprise_head_count.head_count is 'Persons paid for';
comment on column core.enterprise_head_count.collected_amount is 'Yuan collected';

create or replace function core.insured_of(master_id text)
returns table (insurance_type text, payment_state text, insured_count bigint)
language sql stable strict parallel safe as $$
    select t.insurance_type, t.payment_state, count(*)
    from core.enterprise e join core.insurance t on t.employer_uscc = e.uscc
    where e.master_id = core.survivor(insured_of.master_id) group by 1, 2 order by 1, 2
$$;
comment on function core.insured_of(text) is
    'How many persons are insured with an enterprise now by type and state, as Human Resources says; a count, never who';

create or replace view core.enterprise_address as
    select t.master_id, t.address_kind, t.address, t.area_code, core.feed_of(t.record_key) as feed, t.valid_from, t.since_date, t.record_key,
        l.division_code, l.current_division_code, l.division_confidence,
        l.township, l.village, l.grp, l.road, l.number, l.compound, l.building, l.unit, l.room
    from (
        select master_id, 'registered' as address_kind, address, area_code, valid_from, since_date, record_key
        from core.enterprise_registration where address is not null
        union all
        select master_id, 'tax', address, area_code, valid_from, since_date, record_key from core.taxpayer where address is not null
    ) t
    left join lateral core.place_of(t.address, coalesce(t.valid_from, t.since_date)) l on true;
comment on view core.enterprise_address is 'Addresses of enterprises as the register and the tax authority hold them, with their place';
comment on column core.enterprise_address.master_id is 'File';
comment on column core.enterprise_address.address_kind is 'registered or tax';
comment on column core.enterprise_address.address is 'Address in standard form';
comment on column core.enterprise_address.area_code is 'GB/T 2260 code of the county, if the feed gives one';
comment on column core.enterprise_address.feed is 'Feed that says so';
comment on column core.enterprise_address.valid_from is 'Since when the record is so, as the department says';
comment on column core.enterprise_address.since_date is 'Logical date since which the system has known it';
comment on column core.enterprise_address.record_key is 'Record that says so';
comment on column core.enterprise_address.division_code is 'Lowest division the address names, by the table of divisions of the record''s year; null where none is told';
comment on column core.enterprise_address.current_division_code is 'The division that lies in today';
comment on column core.enterprise_address.division_confidence is '1 a county of that year, 0.8 one of another time, 0.5 no county named';
comment on column core.enterprise_address.township is 'Town, township or street the address names';
comment on column core.enterprise_address.village is 'Village or community';
comment on column core.enterprise_address.grp is 'Group of a village';
comment on column core.enterprise_address.road is 'Road';
comment on column core.enterprise_address.number is 'House number';
comment on column core.enterprise_address.compound is 'Compound';
comment on column core.enterprise_address.building is 'Building';
comment on column core.enterprise_address.unit is 'Unit';
comment on column core.enterprise_address.room is 'Room';
