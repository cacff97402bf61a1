-- Who is known to one department and not to another: persons by area; cells below 10 are suppressed.
drop view if exists mart.department_presence;
create view mart.department_presence as
with numbered as (
    select department, (row_number() over (order by department))::int as place
    from (select distinct split_part(relname, '_', 1) as department from pg_class
          where relnamespace = 'landing'::regnamespace and relkind = 'r') landed
), known as (
    select p.area_code, bit_or(1 << n.place) as departments
    from core.crosswalk c
    join core.person p on p.master_id = c.master_id
    join numbered n on n.department = split_part(c.record_key, '_', 1)
    where c.subject = 'person'
    group by p.master_id, p.area_code
), counted as (
    select area_code, departments, count(*) as persons from known group by area_code, departments
), paired as (
    select c.area_code, a.department, b.department as other_department, grouping(c.area_code) = 1 as is_whole,
        sum(persons) filter (where departments & (1 << b.place) <> 0) as in_both,
        sum(persons) filter (where departments & (1 << b.place) = 0) as only_here
    from counted c
    join numbered a on departments & (1 << a.place) <> 0
    join numbered b on b.place <> a.place
    group by grouping sets ((c.area_code, a.department, b.department), (a.department, b.department))
)
select area_code, department, other_department, is_whole,
    case when is_whole then round(in_both, -1) when in_both >= 10 then in_both end as in_both,
    case when is_whole then round(only_here, -1) when only_here >= 10 then only_here end as only_here,
    not is_whole and (coalesce(in_both, 0) between 1 and 9 or coalesce(only_here, 0) between 1 and 9) as is_suppressed
from paired
where other_department in (select distinct p.department from paired p);
comment on view mart.department_presence is 'Persons known to one department, by area, with and without records of another one';
comment on column mart.department_presence.area_code is 'GB/T 2260 code of the county of the master file; null: not known, or the whole province';
comment on column mart.department_presence.department is 'Department that has records of them';
comment on column mart.department_presence.other_department is 'Department compared with';
comment on column mart.department_presence.is_whole is 'The whole province, rounded to tens so that no withheld count follows from it';
comment on column mart.department_presence.in_both is 'Persons with records of both; null where none or fewer than 10';
comment on column mart.department_presence.only_here is 'Persons the other department has no record of; null where none or fewer than 10';
comment on column mart.department_presence.is_suppressed is 'Whether a count is withheld because it is below 10';
