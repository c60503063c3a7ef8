using CooperationEvents.Audit.Journal;
using CooperationEvents.Audit.Replays;
using CooperationEvents.Audit.TransparencyLog;

namespace CooperationEvents.Audit;

/// <summary>The tables of the audit: the access journal, the log and the replays. What the log has promised is never changed.</summary>
public static class AuditSchema
{
    private static readonly string[] NeverChanged =
    [
        LogTables.Leaf,
        LogTables.Node,
        LogTables.Checkpoint,
        LogTables.Origin,
        LogTables.Key,
        Witnesses.Table,
    ];

    internal static string Sql { get; } =
        $"""
            create schema if not exists audit;
            {AccessJournal.Schema}
            {LogTables.Schema}
            {Witnesses.Schema}
            {ReplayStore.Schema}
            {string.Concat(NeverChanged.Select(Protection))}
            """;

    internal const string Grants = $"""
        grant usage on schema audit to cooperation_service, cooperation_replay;
        {AccessJournal.Grants}
        {LogTables.Grants}
        {Witnesses.Grants}
        {ReplayStore.Grants}
        """;

    private static string Protection(string table) =>
        $"""

            do $protect$
            begin
                if not exists (select from pg_trigger where tgrelid = '{table}'::regclass and tgname = 'never_changed') then
                    create trigger never_changed before update or delete or truncate
                        on {table} for each statement execute function register.refuse_change();
                end if;
            end $protect$;
            """;
}
