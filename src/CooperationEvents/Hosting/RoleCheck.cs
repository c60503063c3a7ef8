namespace CooperationEvents.Hosting;

/// <summary>
/// Whether a role that the service connects as could change the history or the log. What <c>deploy/roles.sql</c> and the rooms give does
/// not suffice for that; what somebody gives beside them may.
/// </summary>
internal static class RoleCheck
{
    public const string What = "roles of the service that could change the history or the log";

    /// <summary>A query for them, each with what it is or may. TRIGGER on a table is enough to record other rows than were sent.</summary>
    /// <param name="development">One role that owns everything is no finding there: the start says so.</param>
    public static string Found(bool development) =>
        $"""
            with promised as (
                select c.oid, c.relowner as owner, n.nspname || '.' || c.relname as name
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname || '.' || c.relname in ('register.mt_events', 'register.mt_streams', 'audit.leaf', 'audit.node',
                    'audit.checkpoint', 'audit.origin', 'audit.log_key', 'audit.cosignature')
            ), mighty as (
                select oid, rolname from pg_roles where oid in (select owner from promised)
                    or rolname in ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')
            ), serving as (
                select r.*, exists (select from mighty where pg_has_role(r.oid, mighty.oid, 'member')) as is_mighty
                from pg_roles r where rolname = current_user
                    or rolname in ('cooperation_service', 'cooperation_rebuild', 'cooperation_replay', 'cooperation_analyst')
            )
            select serving.rolname || ' ' || could.what from serving cross join lateral (
                select 'is a superuser' as what where rolsuper
                union all
                select 'passes row security (bypassrls)' where rolbypassrls and not rolsuper
                union all
                select 'may make roles and give them rights (createrole)' where rolcreaterole and not rolsuper
                union all
                select 'may act as ' || mighty.rolname from mighty where not rolsuper and pg_has_role(serving.oid, mighty.oid, 'member')
                union all
                select 'has ' || privilege || ' on ' || promised.name
                from promised, unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) privilege
                where not rolsuper and not is_mighty and has_table_privilege(serving.oid, promised.oid, privilege)
                union all
                select 'has UPDATE on ' || promised.name || '.' || a.attname
                from promised join pg_attribute a on a.attrelid = promised.oid and a.attnum > 0 and not a.attisdropped
                where not rolsuper and not is_mighty and not has_table_privilege(serving.oid, promised.oid, 'UPDATE')
                    and has_column_privilege(serving.oid, promised.oid, a.attnum, 'UPDATE')
                    and (promised.name <> 'register.mt_streams' or a.attname not in ('version', 'timestamp'))
                union all
                select 'runs with ' || setting || ', ' || case when lower(setting) like 'session%'
                    then 'which the guards of the history do not fire under' else 'under which what is accepted can be lost' end
                from (
                    select unnest(s.setconfig) from pg_db_role_setting s where s.setrole in (0, serving.oid)
                        and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                    union
                    select name || '=' || setting from pg_settings
                    where name = 'session_replication_role' and serving.rolname = current_user
                ) s (setting)
                where lower(setting) ~ '^(session_replication_role=replica|synchronous_commit=(off|false|no|0))$'
            ) could
            {(development ? $"where not exists ({OwnsOrIsSuperuser})" : "")}
            """;

    private const string OwnsOrIsSuperuser =
        "select from pg_roles where rolname = current_user and (rolsuper or oid in (select owner from promised))";
}
