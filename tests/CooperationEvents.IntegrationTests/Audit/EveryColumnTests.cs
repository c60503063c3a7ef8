using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CooperationEvents.Audit;
using CooperationEvents.Audit.Journal;
using CooperationEvents.Audit.Replays;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>
/// Somebody with every right over the database alters one value of each column of each table there is. The verifier, the check, a
/// replay, the seals of the journal or a start finds it, or docs/auditors.md lists it and says why that decides nothing.
/// </summary>
public sealed partial class EveryColumnTests : IAsyncLifetime
{
    private static readonly string[] History = ["register.mt_events", "register.mt_streams"];

    /// <summary>Beside the read models: what a replay holds against the history, too.</summary>
    private static readonly string[] Beside =
    [
        "recording.external_reference",
        "recording.remembered_answer",
        "recording.settled_position",
        "keys.person_key",
        "keys.field_salt",
    ];

    private TestDatabase _database = null!;
    private RegisterHost _host = null!;
    private NpgsqlConnection _leading = null!;
    private IReadOnlyList<LogKey> _keys = null!;
    private string _kept = null!;
    private IReadOnlyList<Column> _columns = null!;
    private IReadOnlyList<Column> _emptied = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        (string, string)[] settings = [("Audit:CheckpointMilliseconds", "50"), ("Audit:Replays:Share", "100")];
        string data;
        await using (var host = await RegisterHost.Start(_database, settings: settings))
        {
            data = host.DataDirectory;
            await Record(host);
            _keys = await Log.Keys(host);
        }

        _kept = Path.Combine(data, "kept.ndjson");
        File.Copy(Path.Combine(data, Anchor.FileName), _kept);

        // From here on nothing is written by itself: whoever would lead waits for these locks.
        _leading = await _database.Source.OpenConnectionAsync();
        foreach (var duty in new[] { AdvisoryLocks.ReadModels, AdvisoryLocks.Log, AdvisoryLocks.Webhooks })
            await new NpgsqlCommand($"select pg_advisory_lock({duty})", _leading).ExecuteNonQueryAsync();
        _host = await RegisterHost.Start(_database, data, settings: settings);
        (_columns, _emptied) = await Columns();
        var keep = _columns.Select(c => c.Table).Distinct().Select(t => $"create table kept.{Flat(t)} as table {t}");
        await Tamper.Do(_database, "create schema kept; " + string.Join("; ", keep));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _leading.DisposeAsync();
        Directory.Delete(_host.DataDirectory, recursive: true);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_is_altered_in_the_database_is_found_or_listed_with_the_reason_why_it_decides_nothing()
    {
        var listed = Listed();
        listed.Where(l => !_columns.Any(l.Covers)).Select(l => $"{l}").ShouldBeEmpty("docs/auditors.md lists what is not there");
        (await Told()).ShouldBeEmpty("nothing is altered yet");

        var open = _columns.Where(c => !listed.Any(l => l.Covers(c))).ToList();
        var silent = new List<string>();
        silent.AddRange(await Altered(open.Where(c => History.Contains(c.Table)).ToList(), InHistory));
        silent.AddRange(await Altered(_emptied.Where(c => History.Contains(c.Table)).ToList(), InHistory));
        var compared = open.Where(IsCompared).ToList();
        silent.AddRange(await Altered(compared.Where(c => c.KeyPlace == 0).ToList(), InRows));
        foreach (var place in compared.Select(c => c.KeyPlace).Where(p => p > 0).Distinct().Order())
            silent.AddRange(await Altered(compared.Where(c => c.KeyPlace == place).ToList(), InRows));
        silent.AddRange(await Altered(_emptied.Where(c => IsCompared(c) && !listed.Any(l => l.Covers(c))).ToList(), InRows));
        foreach (var column in open.Where(c => !IsCompared(c) && !History.Contains(c.Table)))
            silent.AddRange(await Altered([column], Anything));
        silent.ShouldBeEmpty("these were altered, and nothing says so, and docs/auditors.md does not list them");

        foreach (var column in _columns.Where(c => listed.Any(l => l.Covers(c))))
            await Alter(column);
        await _host.AddKey("auditor", Authorization.Scopes.AuditRead);
        (await Told()).ShouldBeEmpty("docs/auditors.md lists what is found");

        // Wolverine reads what nodes there are at its start, and stops where a duty is given to one that is not there.
        await Tamper.Do(
            _database,
            "delete from jobs.wolverine_node_assignments a where not exists (select from jobs.wolverine_nodes n where n.id = a.node_id)"
        );
        (await Start()).ShouldBeNull("docs/auditors.md lists what a start finds");
    }

    private static bool IsCompared(Column column) => column.Schema is "views" or "facts" || Beside.Contains(column.Table);

    private static string Flat(string table) => table.Replace('.', '_');

    /// <summary>A history of every command, each under a key, and a day of the journal that is over.</summary>
    private async Task Record(RegisterHost host)
    {
        foreach (var prepare in Commands.All.Values)
        {
            var command = await prepare(await Cooperation.Start(host));
            var answer = await host.Post(command.Path, command.Body, command.Role, ("Idempotency-Key", Guid.NewGuid().ToString()));
            answer.Status.ShouldBeOneOf(200, 201, 202);
        }

        var person = await (await Cooperation.Start(host)).Person();
        await host
            .Services.GetRequiredService<Recorder>()
            .Record(
                new Submission(Caller.Itself("retention"), work =>
                    work.Change<Person>(person, p => RetentionRules.Expire(p, [new FieldSalt(FieldClass.Identity, 1)]))
                ),
                CancellationToken.None
            );
        await host.Services.GetRequiredService<FieldExpiry>().Run(CancellationToken.None);

        await _database.Rows(
            """
            insert into audit.access (at, reader, request, purpose)
            select now() - interval '1 day', gen_random_uuid(), 'GET /v1/audit/events', 'A reason' from generate_series(1, 8)
            """
        );
        await host.Services.GetRequiredService<AccessSeal>().SealDaysThatAreOver(CancellationToken.None);
        await Wait.Until("the erasures", () =>
            _database.Scalar<bool>("select not exists (select from keys.erasure where done_at is null)")
        );
        await host.Reaches(await _database.Scalar<long>("select max(seq_id) from register.mt_events"));
        await Log.CoversAll(host);
    }

    /// <summary>Alters all of them, asks who says so, and puts everything back; of whom nobody did.</summary>
    private async Task<IEnumerable<string>> Altered(
        IReadOnlyList<Column> columns,
        Func<IReadOnlyList<Alteration>, Task<IEnumerable<Column>>> found
    )
    {
        var alterations = new List<Alteration>();
        var silent = new List<string>();
        try
        {
            foreach (var column in columns)
            {
                if (await Alter(column) is { } alteration)
                    alterations.Add(alteration);
                else if (!column.CannotBeAltered && !column.IsEmptied)
                    silent.Add($"{column}: there is no row to alter");
            }

            var named = alterations.Count == 0 ? [] : (await found(alterations)).ToHashSet();
            return [.. silent, .. alterations.Select(a => a.Column).Where(c => !named.Contains(c)).Select(c => $"{c}")];
        }
        finally
        {
            foreach (var table in columns.Select(c => c.Table).Distinct())
            {
                var own = string.Join(", ", _columns.Where(c => c.Table == table && !c.IsGenerated).Select(c => c.Name));
                var back = $"insert into {table} ({own}) overriding system value select {own} from kept.{Flat(table)}";
                await Tamper.Do(_database, $"delete from {table}; {back}");
            }
        }
    }

    /// <summary>Another value in the first row that was not altered before and allows one; null where there is none.</summary>
    private async Task<Alteration?> Alter(Column column)
    {
        for (var row = 0; row < 5; row++)
        {
            var key = string.Join(" || ' ' || ", column.Key.Select(k => $"t.{k}::text").DefaultIfEmpty("''"));
            var sql = $"""
                with picked as (select ctid as place, {key} as key from {column.Table} t
                    where {(column.IsEmptied ? $"t.{column.Name} is not null" : "true")} order by ctid offset {row} limit 1)
                update {column.Table} t set {column.Name} = {Other(column, $"t.{column.Name}")} from picked where t.ctid = picked.place
                returning picked.key, {key}
                """;
            try
            {
                await using var connection = await _database.Source.OpenConnectionAsync();
                await using var behind = await connection.BeginTransactionAsync();
                await new NpgsqlCommand("set local session_replication_role = replica", connection).ExecuteNonQueryAsync();
                var free = $"alter table {column.Table} alter column {column.Name} set generated by default";
                if (column.IsIdentity)
                    await new NpgsqlCommand(free, connection).ExecuteNonQueryAsync();
                Alteration? alteration = null;
                await using (var altered = await new NpgsqlCommand(sql, connection).ExecuteReaderAsync())
                {
                    if (await altered.ReadAsync())
                        alteration = new Alteration(column, altered.GetString(0), altered.GetString(1));
                }

                await behind.CommitAsync();
                return alteration;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.CheckViolation or "428C9")
            {
                column.CannotBeAltered = true;
            }
        }

        return null;
    }

    /// <summary>Another value than <paramref name="now"/>, of the column's type.</summary>
    private static string Other(Column column, string now) =>
        column.Type switch
        {
            _ when column.IsEmptied => "null",
            "uuid" => "gen_random_uuid()",
            "text" or "character varying" => $"coalesce({now}, '') || 'x'",
            "bigint" or "integer" => $"coalesce({now}, 0) + 1000000",
            "smallint" or "numeric" or "double precision" => $"coalesce({now}, 0) + 1",
            "boolean" => $"not coalesce({now}, false)",
            "bytea" => $"case when length({now}) > 0 then set_byte({now}, 0, get_byte({now}, 0) # 1) else '\\x00' end",
            "timestamp with time zone" or "timestamp without time zone" => $"coalesce({now}, now()) - interval '1 day'",
            "date" => $"case when isfinite({now}) then {now} + 1 else current_date end",
            "interval" => $"coalesce({now}, '0') + interval '1 day'",
            "jsonb" => $"case jsonb_typeof({now}) when 'object' then {now} || '{{\"altered\": true}}' else '{{\"altered\": true}}' end",
            "json" => "'{\"altered\": true}'",
            "_uuid" => $"array_append({now}, gen_random_uuid())",
            "_int4" => $"array_append({now}, 1000000)",
            "_text" or "_varchar" => $"array_append({now}, 'altered')",
            "_bytea" => $"array_append({now}, '\\x00')",
            var other => throw new NotSupportedException($"{column}: how is a value of the type {other} altered?"),
        };

    /// <summary>The events and streams that are named, each of them by what identifies it.</summary>
    private async Task<IEnumerable<Column>> InHistory(IReadOnlyList<Alteration> alterations)
    {
        var told = await Told();
        var found = new List<Column>();
        foreach (var alteration in alterations)
        {
            var ids = new[] { alteration.Was, alteration.Is }.ToList();
            if (alteration.Column.Table == "register.mt_events")
            {
                var leaves = "select l.event_id::text, 'index ' || l.index from audit.leaf l where l.seq::text = any($1)";
                foreach (var row in await _database.Rows(leaves, [ids.ToArray()]))
                    ids.AddRange([(string)row[0]!, (string)row[1]!]);
                ids = [.. ids.Select(id => long.TryParse(id, out _) ? $"position {id}" : id)];
            }

            if (told.Any(t => ids.Any(id => Regex.IsMatch(t, $@"(^|[^0-9a-f]){Regex.Escape(id)}($|[^0-9a-f])"))))
                found.Add(alteration.Column);
        }

        return found;
    }

    /// <summary>The columns that a replay names in a row, or a row of theirs that nothing else was altered in.</summary>
    private async Task<IEnumerable<Column>> InRows(IReadOnlyList<Alteration> alterations)
    {
        var findings = await Replay();
        return alterations
            .Where(a =>
                findings.Any(f =>
                    f.Table == a.Column.Table
                    && (
                        f.Columns?.Any(c => c.Column == a.Column.Name) == true
                        || (Key(f, a.Column) is { } key && (key == a.Was || key == a.Is) && IsAlone(a))
                    )
                )
            )
            .Select(a => a.Column);

        // What is stored of a finding keeps no order of the key's columns.
        static string? Key(ReplayFinding finding, Column column) =>
            finding.Key is { } key ? string.Join(' ', column.Key.Select(name => key.GetValueOrDefault(name))) : null;

        bool IsAlone(Alteration a) => alterations.Count(o => o.Column.Table == a.Column.Table && (o.Was == a.Was || o.Is == a.Is)) == 1;
    }

    /// <summary>All of them, where anybody says anything.</summary>
    private async Task<IEnumerable<Column>> Anything(IReadOnlyList<Alteration> alterations) =>
        (await InLog()).Count > 0 || await Start() is not null || (await Replay()).Count > 0 ? alterations.Select(a => a.Column) : [];

    /// <summary>What everybody says who looks at a database as it stands.</summary>
    private async Task<IReadOnlyList<string>> Told()
    {
        var told = new List<string>(await InLog());
        told.AddRange((await Replay()).Select(f => $"{f.Kind} position {f.Seq} id {f.Id} {JsonSerializer.Serialize(f, Json.Options)}"));
        return told;
    }

    /// <summary>What the check, the verifier, the journal's seals and the look at the log at a start say.</summary>
    private async Task<IReadOnlyList<string>> InLog()
    {
        var told = new List<string>();
        foreach (var fault in await _host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None))
        {
            var place = fault.What.StartsWith("events", StringComparison.Ordinal) ? "position " : "";
            told.AddRange(fault.Which.Select(w => $"{fault.What}: {place}{w}"));
        }

        try
        {
            var report = await Verify.Export(_host, _keys, _kept);
            told.AddRange(report.Findings.Select(f => f.ToString()!));
        }
        catch (Exception e) when (e is HttpRequestException or FormatException or InvalidDataException)
        {
            told.Add($"no export that can be read: {e.Message}");
        }

        var days = await _host.Services.GetRequiredService<AccessSeal>().Check(CancellationToken.None);
        foreach (var day in days.Where(d => d.Holds == false))
            told.Add($"the journal of {day.Day} is not what was sealed");
        try
        {
            await _host.Services.CheckLog(CancellationToken.None);
        }
        catch (LogRefusedException e)
        {
            told.Add(e.Message);
        }

        return told;
    }

    private async Task<IReadOnlyList<ReplayFinding>> Replay()
    {
        // A key that was read before it was altered is still known for a while.
        _host.Services.GetRequiredService<KeyStore>().Drop();
        var replay = await Replays.Run(_host);
        var rows = await _database.Rows(
            "select finding::text from audit.replay_finding where replay_id = $1",
            Guid.Parse((string)replay["id"]!)
        );
        var findings = rows.Select(r => JsonSerializer.Deserialize<ReplayFinding>((string)r[0]!, Json.Options)!).ToList();
        if ((string)replay["state"]! == "failed" && findings.Count == 0)
            findings.Add(new ReplayFinding(ReplayFindingKind.LogDiffers, Detail: (string)replay["reason"]!));
        return findings;
    }

    /// <summary>Why a node does not start on the database; null where it does.</summary>
    private async Task<string?> Start()
    {
        try
        {
            await using var node = await RegisterHost.Start(_database, _host.DataDirectory);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e.Message;
        }
    }

    /// <summary>Those there are, and those of them that may have no value.</summary>
    private async Task<(IReadOnlyList<Column> All, IReadOnlyList<Column> Emptied)> Columns()
    {
        var rows = await _database.Rows(
            """
            select c.table_schema, c.table_name, c.column_name, case c.data_type when 'ARRAY' then c.udt_name else c.data_type end,
                c.identity_generation = 'ALWAYS', c.is_generated = 'ALWAYS',
                coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1,
                coalesce((
                    select array_agg(k.attname::text order by array_position(i.indkey::int2[], k.attnum))
                    from pg_attribute k where k.attrelid = a.attrelid and k.attnum = any(i.indkey)), '{}'),
                c.is_nullable = 'YES' and not a.attgenerated > ''
            from information_schema.columns c
            join information_schema.tables t using (table_schema, table_name)
            join pg_attribute a on a.attname = c.column_name
                and a.attrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass
            left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
            where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
            order by 1, 2, c.ordinal_position
            """
        );
        var columns = rows.Select(r => new Column(
                (string)r[0]!,
                (string)r[1]!,
                (string)r[2]!,
                (string)r[3]!,
                (bool)(r[4] ?? false),
                (bool)r[5]!,
                Convert.ToInt32(r[6], CultureInfo.InvariantCulture),
                (string[])r[7]!
            ))
            .ToList();
        return (columns, [.. columns.Where((_, i) => (bool)rows[i][8]!).Select(c => c with { IsEmptied = true })]);
    }

    /// <summary>What docs/auditors.md says that nothing finds: tables, or columns of them.</summary>
    private static IReadOnlyList<Unfound> Listed()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "auditors.md"));
        var section = page[page.IndexOf("Nothing here finds a change of these", StringComparison.Ordinal)..];
        var rows = section.Split('\n').SkipWhile(l => !l.StartsWith('|')).TakeWhile(l => l.StartsWith('|')).Skip(2);
        return
        [
            .. rows.SelectMany(row => Entry().Matches(row.Split('|')[1]))
                .Select(m => new Unfound(
                    m.Groups["schema"].Value,
                    m.Groups["table"].Value,
                    m.Groups["but"].Success,
                    [.. m.Groups["column"].Captures.Select(c => c.Value)]
                )),
        ];
    }

    [GeneratedRegex(@"`(?<schema>[a-z_]+)\.(?<table>[a-z_]+|\*)`((?<but> but not)?:( `(?<column>[a-z_]+)`,?)+)?")]
    private static partial Regex Entry();

    /// <param name="KeyPlace">Its place in the primary key, from 1; 0 where it is not in it.</param>
    /// <param name="IsEmptied">Whether its value is taken away, where it may have none.</param>
    private sealed record Column(
        string Schema,
        string TableName,
        string Name,
        string Type,
        bool IsIdentity,
        bool IsGenerated,
        int KeyPlace,
        string[] Key,
        bool IsEmptied = false
    )
    {
        public string Table => $"{Schema}.{TableName}";

        /// <summary>A constraint of its table allows no other value.</summary>
        public bool CannotBeAltered { get; set; }

        public override string ToString() => $"{Table}.{Name}{(IsEmptied ? " = null" : "")}";
    }

    private sealed record Alteration(Column Column, string Was, string Is);

    /// <param name="IsAllBut">Whether the columns are those that are found.</param>
    private sealed record Unfound(string Schema, string Table, bool IsAllBut, string[] Columns)
    {
        public bool Covers(Column column) =>
            column.Schema == Schema
            && (Table == "*" || column.TableName == Table)
            && (Columns.Length == 0 || Columns.Contains(column.Name) != IsAllBut);

        public override string ToString() => $"{Schema}.{Table} {string.Join(", ", Columns)}";
    }
}
