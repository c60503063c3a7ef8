-- When a key that was rotated would have ended without that: infinity where never, null of one that was not rotated.
alter table access.api_key add column first_end timestamptz;
