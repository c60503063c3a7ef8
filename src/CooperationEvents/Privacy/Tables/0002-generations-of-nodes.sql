alter table keys.node add column generations int[] not null default '{}', add column name text not null default '';
