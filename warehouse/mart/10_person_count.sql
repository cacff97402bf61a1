-- Persons by area, sex and age band on the logical date; cells below 10 are suppressed.
drop view if exists mart.person_count;
create view mart.person_count as
select area_code, sex, age_band,
    case when count(*) >= 10 then count(*) end as person_count,
    count(*) < 10 as is_suppressed
from (
    select p.area_code, p.sex,
        case
            when p.birth_date is null then 'unknown'
            when a.years < 14 then '0-13'
            when a.years < 18 then '14-17'
            when a.years < 60 then '18-59'
            when a.years < 65 then '60-64'
            when a.years < 70 then '65-69'
            when a.years < 80 then '70-79'
            when a.years < 90 then '80-89'
            when a.years < 100 then '90-99'
            else '100+'
        end as age_band
    from core.person p, lateral (select extract(year from age(core.as_of(), p.birth_date)) as years) a
) banded
group by area_code, sex, age_band;
comment on view mart.person_count is 'Persons by area, sex and age band on the logical date; cells below 10 are suppressed';
comment on column mart.person_count.area_code is 'GB/T 2260 code of the county';
comment on column mart.person_count.sex is 'GB/T 2261.1';
comment on column mart.person_count.age_band is 'Full years on the logical date of what is published';
comment on column mart.person_count.person_count is 'Persons; null where fewer than 10';
comment on column mart.person_count.is_suppressed is 'Whether the count is withheld because it is below 10';
