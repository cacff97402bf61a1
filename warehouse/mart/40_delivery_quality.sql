-- What arrived and what became of it, one line a delivery, for scorecards.
drop view if exists mart.delivery_quality;
create view mart.delivery_quality as
select feed, batch_no, business_date, mode, state, reason, read_count, loaded_count, rejected_count, duplicate_count,
    round(rejected_count::numeric / nullif(read_count, 0), 5) as rejected_rate,
    round(duplicate_count::numeric / nullif(read_count, 0), 5) as duplicate_rate
from ops.delivery;
comment on view mart.delivery_quality is 'Deliveries with counts and rates of what was rejected or repeated';
comment on column mart.delivery_quality.feed is 'Feed';
comment on column mart.delivery_quality.batch_no is 'Batch number';
comment on column mart.delivery_quality.business_date is 'Day the delivery speaks of';
comment on column mart.delivery_quality.mode is 'full or delta';
comment on column mart.delivery_quality.state is 'landed, held or stopped';
comment on column mart.delivery_quality.reason is 'Finding code if held or stopped';
comment on column mart.delivery_quality.read_count is 'Rows read';
comment on column mart.delivery_quality.loaded_count is 'Rows that became records';
comment on column mart.delivery_quality.rejected_count is 'Rows rejected';
comment on column mart.delivery_quality.duplicate_count is 'Exact repetitions';
comment on column mart.delivery_quality.rejected_rate is 'Share of the rows read that were rejected, 0 to 1';
comment on column mart.delivery_quality.duplicate_rate is 'Share of the rows read that repeat another one, 0 to 1';
