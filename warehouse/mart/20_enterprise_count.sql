-- Enterprises by area, type and state; the register is public, so nothing is suppressed.
drop view if exists mart.enterprise_count;
create view mart.enterprise_count as
select area_code, enterprise_type, status, count(*) as enterprise_count
from core.enterprise
group by area_code, enterprise_type, status;
comment on view mart.enterprise_count is 'Enterprises by area, type and state of registration';
comment on column mart.enterprise_count.area_code is 'GB/T 2260 code of the county';
comment on column mart.enterprise_count.enterprise_type is 'Type of registration';
comment on column mart.enterprise_count.status is 'State of the registration';
comment on column mart.enterprise_count.enterprise_count is 'Enterprises';
