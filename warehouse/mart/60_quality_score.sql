-- Rules kept by night, department, feed and dimension of quality, for scorecards.
drop view if exists mart.quality_score;
create view mart.quality_score as
select r.logical_date as night, case when v.batch_no is null then 'steward' else split_part(v.feed, '_', 1) end as department,
    v.feed, res ->> 'dimension' as dimension,
    count(*) as rules_judged,
    count(*) filter (where (res ->> 'passed')::boolean) as rules_kept,
    round(100.0 * count(*) filter (where (res ->> 'passed')::boolean) / count(*), 1) as score,
    count(*) filter (where not (res ->> 'passed')::boolean and res ->> 'severity' = 'stop') as stops,
    count(*) filter (where not (res ->> 'passed')::boolean and res ->> 'severity' = 'warn') as warnings
from ops.verdict v
join ops.run r on r.run_id = v.run_id
cross join json_array_elements(v.detail -> 'results') as res
where (res ->> 'judged')::boolean and r.run_id not like '%-dry'
group by 1, 2, 3, 4;
comment on view mart.quality_score is 'Rules kept by night, department, feed and dimension of GB/T 36344';
comment on column mart.quality_score.night is 'Logical date of the run';
comment on column mart.quality_score.department is 'Department that owns the feed; steward for master files';
comment on column mart.quality_score.feed is 'Feed, or person or enterprise for master files';
comment on column mart.quality_score.dimension is 'conformity, completeness, accuracy, consistency, timeliness or uniqueness';
comment on column mart.quality_score.rules_judged is 'Limits that were judged';
comment on column mart.quality_score.rules_kept is 'Limits that were kept';
comment on column mart.quality_score.score is 'Kept of judged, 0 to 100';
comment on column mart.quality_score.stops is 'Broken limits that stop';
comment on column mart.quality_score.warnings is 'Broken limits that warn';
