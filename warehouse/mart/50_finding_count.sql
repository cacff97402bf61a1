-- Open findings by feed, field and code, for scorecards.
drop view if exists mart.finding_count;
create view mart.finding_count as
select feed, field, code, severity, count(*) as finding_count
from ops.finding
where state <> 'corrected'
group by feed, field, code, severity;
comment on view mart.finding_count is 'Open findings by feed, field and code';
comment on column mart.finding_count.feed is 'Feed, or the subject for findings about masters';
comment on column mart.finding_count.field is 'Field they are about';
comment on column mart.finding_count.code is 'What is wrong';
comment on column mart.finding_count.severity is 'stop, warn or inform';
comment on column mart.finding_count.finding_count is 'Open findings';
