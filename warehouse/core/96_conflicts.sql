-- Conflicts inside a file: what ref.conflict describes. Each is found from the file's own rows, so that a night looks
-- only at the files it touched.
create or replace view core.conflict as
    select 'person' as subject, v.master_id, 'NO_WINNER' as code, v.field
    from core.person_value v group by v.master_id, v.field having not bool_or(v.is_winner)
    union all
    select 'enterprise', v.master_id, 'NO_WINNER', v.field
    from core.enterprise_value v group by v.master_id, v.field having not bool_or(v.is_winner)
    union all
    select 'person', v.master_id, 'LEVEL_VALUES', v.field
    from core.person_value v where v.is_winner and v.rule = 'record_key' and v.field in ('name', 'sex', 'birth_date', 'id_number')
    union all
    select 'enterprise', v.master_id, 'LEVEL_VALUES', v.field
    from core.enterprise_value v where v.is_winner and v.rule = 'record_key' and v.field in ('name', 'uscc', 'status')
    union all
    select 'person', t.master_id, 'TWO_REGISTRATIONS', 'household_no'
    from core.registration t where t.cancel_reason is null group by t.master_id having count(*) > 1
    union all
    select 'person', t.master_id, 'TWO_NUMBERS_IN_FORCE', 'id_number'
    from core.registration t where t.cancel_reason is null group by t.master_id having count(distinct t.id_number) > 1
    union all
    select 'person', p.master_id, 'BIRTH_AGAINST_NUMBER', 'birth_date'
    from core.person p
    where length(p.id_number) = 18 and to_char(p.birth_date, 'YYYYMMDD') <> substr(p.id_number, 7, 8)
    union all
    select 'person', p.master_id, 'DEATH_NOT_CONFIRMED', 'life_state' from core.person p where p.life_state = 'presumed_dead'
    union all
    select 'person', p.master_id, 'DEAD_BUT_REGISTERED', 'life_state'
    from core.person p
    where p.life_state <> 'alive' and exists (
        select from core.registration t where t.master_id = p.master_id and t.cancel_reason is null)
    union all
    select 'person', v.master_id, 'DEATH_DATES_DIFFER', 'death_date'
    from core.person_value v where v.field = 'death_date' group by v.master_id having count(distinct v.value) > 1
    union all
    select 'person', p.master_id, 'ACTIVE_AFTER_DEATH', f.field
    from core.person p cross join lateral (
        select 'card' as field where exists (
            select from core.card t where t.master_id = p.master_id and t.card_issue_date > p.death_date)
        union all
        select 'employment' where exists (
            select from core.employment t where t.master_id = p.master_id and t.registered_date > p.death_date)
        union all
        select 'medical_insurance' where exists (
            select from core.medical_insurance t where t.master_id = p.master_id and t.insured_from > p.death_date)
        union all
        select 'insurance' where exists (
            select from core.insurance t where t.master_id = p.master_id and t.insured_from > p.death_date)
    ) f
    where p.death_date is not null
    union all
    select 'enterprise', t.master_id, 'TWO_LEGAL_REPRESENTATIVES', 'legal_rep_id'
    from core.officer t where t.officer_role = 'legal_rep' and t.officer_id is not null
    group by t.master_id having count(distinct t.officer_id) > 1
    union all
    select 'enterprise', t.master_id, 'SHARES_OVER_WHOLE', 'share_percent'
    from core.officer t where t.officer_role = 'shareholder' group by t.master_id having sum(t.share_percent) > 100.5
    union all
    select 'enterprise', t.master_id, 'TWO_REGISTRATIONS_OPERATING', 'status'
    from core.enterprise_registration t where t.status = 'in_operation' group by t.master_id having count(*) > 1;
comment on view core.conflict is 'Conflicts inside master files now; a night brings those of touched files to ops.finding';
comment on column core.conflict.subject is 'person or enterprise';
comment on column core.conflict.master_id is 'File';
comment on column core.conflict.code is 'Kind of conflict, described in ref.conflict';
comment on column core.conflict.field is 'Field or list it is about';
