-- Findings by department and state, and what came and went each day.
drop view if exists mart.finding_state;
create view mart.finding_state as
select department, feed, code, severity, state, count(*) as finding_count, min(first_seen) as oldest_seen,
    min(due_date) as next_due_date, sum(return_count) as return_count
from ops.finding
group by department, feed, code, severity, state;
comment on view mart.finding_state is 'Findings by department, feed, code, severity and state';
comment on column mart.finding_state.department is 'Department that has to act; steward for master files';
comment on column mart.finding_state.feed is 'Feed, or the subject for findings about masters';
comment on column mart.finding_state.code is 'What is wrong';
comment on column mart.finding_state.severity is 'stop, warn or inform';
comment on column mart.finding_state.state is 'open, sent, answered, corrected, accepted, disputed or expired';
comment on column mart.finding_state.finding_count is 'Findings';
comment on column mart.finding_state.oldest_seen is 'Business date on which the oldest was seen first';
comment on column mart.finding_state.next_due_date is 'First last day to answer';
comment on column mart.finding_state.return_count is 'How often they came back after they were corrected';
drop view if exists mart.finding_day;
create view mart.finding_day as
select day, department, sum(found) as found_count, sum(corrected) as corrected_count, sum(returned) as return_count
from (
    select first_seen as day, department, 1 as found, 0 as corrected, 0 as returned from ops.finding
    union all
    select e.on_date, f.department, 0, (e.to_state = 'corrected')::int, (e.from_state = 'corrected')::int
    from ops.finding_event e join ops.finding f using (finding_id)
    where 'corrected' in (e.from_state, e.to_state)
) moved
group by day, department;
comment on view mart.finding_day is 'Findings found, corrected and come back by day and department';
comment on column mart.finding_day.day is 'Business date, or logical date of the run';
comment on column mart.finding_day.department is 'Department that has to act';
comment on column mart.finding_day.found_count is 'Seen for the first time';
comment on column mart.finding_day.corrected_count is 'No longer seen';
comment on column mart.finding_day.return_count is 'Seen again after they were corrected';
